package org.vmlog.platform;

import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * Waits with a selector of junixsocket's, as a loop does that looks itself what there is to be
 * done.
 *
 * <p>A signal that the JVM or a profiler in it handles ends poll(2) with EINTR, and junixsocket's
 * select with an exception; here it ends the wait, and no loop. Confined to the selector's thread.
 */
public final class SelectorWait {
  private static final LimitedLog FAILED =
      LimitedLog.on(LoggerFactory.getLogger(SelectorWait.class));

  /** So that what fails again and again takes no processor for itself. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private SelectorWait() {}

  /** Until something is ready, or the selector is woken up, or perhaps sooner. */
  public static void await(Selector selector) throws IOException {
    await(selector, 0);
  }

  /**
   * The same, but not for longer than this.
   *
   * @param millis 0 for no such limit
   */
  public static void await(Selector selector, long millis) throws IOException {
    try {
      // select(0) would not wait: junixsocket takes a timeout at its word
      int unused = millis == 0 ? selector.select() : selector.select(millis);
    } catch (SocketException e) {
      FAILED.info("waiting for sockets ended early: {}", e.toString());
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
