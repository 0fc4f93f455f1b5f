package org.vmlog.wire;

import java.time.Duration;

/**
 * One connection by which bytes come. {@link #close} reads what has come by then, and then closes
 * it. Thread-safe where it does not say otherwise.
 */
public interface StreamTransport extends Transport {
  /** Stops reading, or goes on; its peer waits meanwhile. Only on the event loop. */
  void read(boolean on);

  /**
   * Charges the source for what is kept of its bytes from now on, in place of what was before. Only
   * on the event loop; what is charged ends with the connection.
   *
   * @return false, with all as it was, when that is more than the source may have
   */
  boolean hold(int bytes);

  /** Runs a task after a while, unless the connection is gone by then. Only on the event loop. */
  void after(Duration delay, Runnable task);
}
