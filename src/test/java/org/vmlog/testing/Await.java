package org.vmlog.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waiting for what another thread or process does, but not for ever. */
public final class Await {
  /** Long, for a slow machine: whoever waits this long has failed. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long LOOK_MILLIS = 2;

  private Await() {}

  /** What is waited for. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Returns once the condition holds.
   *
   * @param what completes the sentence "waited in vain until …"
   * @throws AssertionError if it does not within {@link #PATIENCE}, or cannot be found out
   */
  public static void until(String what, Condition condition) {
    until(what, condition, () -> "");
  }

  /**
   * The same.
   *
   * @param evidence what helps to find out why, such as a process's log
   */
  public static void until(String what, Condition condition, Supplier<String> evidence) {
    until(PATIENCE, what, condition, evidence);
  }

  /** The same with a patience of its own, for what is known to take long. */
  public static void until(
      Duration patience, String what, Condition condition, Supplier<String> evidence) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (!condition.holds()) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("waited in vain until " + what + "\n" + evidence.get());
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (Exception e) {
      throw new AssertionError("failed while waiting until " + what + "\n" + evidence.get(), e);
    }
  }

  /** Returns once the latch is down. */
  public static void down(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The future's value; its failure is an assertion's. */
  public static <T> T value(Future<T> future) {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("gave up or failed: " + e, e);
    }
  }
}
