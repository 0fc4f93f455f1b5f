package org.vmlog.realm;

import org.vmlog.metrics.Counter;

/**
 * What the broker handed over. Thread-safe.
 *
 * @param connections that can be served
 * @param malformed messages, or such with another number of descriptors than one
 * @param excess connections closed, since too many wait to be served
 */
public record ListenerCounters(Counter connections, Counter malformed, Counter excess) {
  /** Counters at zero. */
  public ListenerCounters() {
    this(new Counter(), new Counter(), new Counter());
  }
}
