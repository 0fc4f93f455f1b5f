package org.vmlog.platform;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process for want of memory. {@code -XX:+ExitOnOutOfMemoryError} does so for the heap; of
 * direct memory and threads the JVM's own classes throw the error, which that flag does not see,
 * and some library would catch it and go on without what it needed. A new process has all of its
 * memory within a few seconds, and guests send again what was not acknowledged. Thread-safe.
 */
public final class OutOfMemory {
  /** What the JVM itself exits with. */
  public static final int EXIT_CODE = 3;

  private static final Logger LOG = LoggerFactory.getLogger(OutOfMemory.class);

  private OutOfMemory() {}

  /** Ends the process, if that is what the error says; else returns. */
  public static void exitIf(Throwable error) {
    if (error instanceof OutOfMemoryError) {
      LOG.error("out of memory, ending: {}", String.valueOf(error.getMessage()));
      Runtime.getRuntime().halt(EXIT_CODE); // nothing that a hook would do is worth waiting for
    }
  }
}
