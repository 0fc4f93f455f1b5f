package org.vmlog.testing;

import java.time.Duration;
import java.util.function.Supplier;

/** Waits for what another thread or process brings about. */
public final class Await {
  /** Long, for a slow machine: whoever waits this long has failed. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long LOOK_MILLIS = 10;

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
   * @throws AssertionError if it does not within {@link #PATIENCE}
   */
  public static void until(String what, Condition condition) throws Exception {
    until(what, condition, () -> "");
  }

  /**
   * The same.
   *
   * @param evidence what helps to find out why, such as a process's log
   */
  public static void until(String what, Condition condition, Supplier<String> evidence)
      throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain until " + what + "\n" + evidence.get());
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }
}
