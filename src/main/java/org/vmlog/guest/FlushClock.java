package org.vmlog.guest;

import java.util.function.LongSupplier;
import org.vmlog.config.GuestConfig;

/**
 * When what waits on one channel is to be sent, by how much it is, since when it waits, and how
 * severe it is. Guarded by the lock of the {@link RecordBuffer}.
 */
final class FlushClock {
  /** RFC 5424's number of error, the least severe that does not wait. */
  private static final int URGENT_SEVERITY = 3;

  private final GuestConfig.Flush flush;
  private final LongSupplier nanoTime;
  private long bytes;
  private long sinceNanos;
  private boolean urgent;

  FlushClock(GuestConfig.Flush flush, LongSupplier nanoTime) {
    this.flush = flush;
    this.nanoTime = nanoTime;
  }

  /** A record waits. Answers whether the time to send is sooner than it was. */
  boolean add(int length, int severity) {
    boolean wasEmpty = bytes == 0;
    boolean wasFull = isFull();
    if (wasEmpty) {
      sinceNanos = nanoTime.getAsLong();
    }
    bytes += length;
    urgent |= severity <= URGENT_SEVERITY;
    return wasEmpty || (isFull() && !wasFull);
  }

  /** A record does not wait any more. */
  void remove(int length) {
    bytes -= length;
    urgent &= bytes > 0;
  }

  private boolean isFull() {
    return urgent || bytes >= flush.bytes();
  }

  /** How long it may still wait; MAX_VALUE when nothing waits. */
  long nanosLeft() {
    if (bytes == 0) {
      return Long.MAX_VALUE;
    }
    return isFull() ? 0 : sinceNanos + flush.after().toNanos() - nanoTime.getAsLong();
  }
}
