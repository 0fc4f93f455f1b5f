package org.vmlog.demo;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what is about to happen. Thread-safe. */
final class Patience {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private Patience() {}

  /**
   * Returns once it has happened.
   *
   * @param what is waited for, for the error
   * @throws IOException if it has not within 30 s
   */
  static void until(String what, BooleanSupplier happened) throws IOException {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!happened.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("waited 30 s in vain for " + what);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
