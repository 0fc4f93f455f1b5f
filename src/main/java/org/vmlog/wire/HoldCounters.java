package org.vmlog.wire;

import org.vmlog.metrics.Counter;

/**
 * What became of connections from guests that nobody had announced. Thread-safe.
 *
 * @param held had to wait
 * @param announced of those, became a VM's in time
 * @param expired of those, were served as nobody's
 * @param excess closed at once, since as many as may wait did so already
 */
public record HoldCounters(Counter held, Counter announced, Counter expired, Counter excess) {
  /** Counters at zero. */
  public HoldCounters() {
    this(new Counter(), new Counter(), new Counter(), new Counter());
  }
}
