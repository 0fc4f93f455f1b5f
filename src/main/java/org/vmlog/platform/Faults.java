package org.vmlog.platform;

import org.slf4j.LoggerFactory;

/**
 * Keeps a fault within the piece of work that has it. Whatever runs for as long as the process
 * does, a loop's rounds or what is due again and again, runs each piece by this. Thread-safe.
 */
public final class Faults {
  private static final LimitedLog FAILED = LimitedLog.on(LoggerFactory.getLogger(Faults.class));

  private Faults() {}

  /**
   * Runs it. What it throws is logged as what it is, a fault of the program's; want of memory ends
   * the process, see {@link OutOfMemory}.
   *
   * @param what it is, for the log
   * @return whether it threw nothing
   */
  public static boolean contain(Object what, Runnable work) {
    try {
      work.run();
      return true;
    } catch (RuntimeException | Error e) {
      OutOfMemory.exitIf(e);
      FAILED.error("{} failed on {}", what, Thread.currentThread().getName(), e);
      return false;
    }
  }
}
