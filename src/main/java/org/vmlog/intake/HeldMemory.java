package org.vmlog.intake;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all connections together may hold of records that are not whole yet, and of what waits for a
 * pipe: so much is free to each, the rest is charged. Thread-safe.
 */
final class HeldMemory {
  /** Free to each connection. */
  static final int FREE_BYTES = 4 << 10;

  /** Of all connections. */
  static final long MAX_BYTES = 16 << 20;

  private final long maxBytes;
  private final AtomicLong charged = new AtomicLong();

  HeldMemory(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** What a connection holds; confined to its event loop. */
  final class Share {
    private int chargedBytes;

    /** Charges what is held from now on; false, with everything as it was, if that is too much. */
    boolean hold(int bytes) {
      int more = Math.max(0, bytes - FREE_BYTES) - chargedBytes;
      if (more > 0 && charged.addAndGet(more) > maxBytes) {
        charged.addAndGet(-more);
        return false;
      }
      if (more < 0) {
        charged.addAndGet(more);
      }
      chargedBytes += more;
      return true;
    }
  }

  long chargedBytes() {
    return charged.get();
  }
}
