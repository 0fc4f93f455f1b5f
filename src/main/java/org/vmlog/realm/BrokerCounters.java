package org.vmlog.realm;

import org.vmlog.metrics.Counter;

/**
 * What became of connections. Thread-safe.
 *
 * @param handedOver to a listener
 * @param ownSinks to a realm's own sink
 * @param refused since too many waited
 */
public record BrokerCounters(Counter handedOver, Counter ownSinks, Counter refused) {
  /** Counters at zero. */
  public BrokerCounters() {
    this(new Counter(), new Counter(), new Counter());
  }
}
