package org.vmlog.intake;

import org.vmlog.metrics.Counter;

/**
 * What came in and what was turned away. Thread-safe.
 *
 * @param connections accepted from a source that may log
 * @param refusedConnections from a peer that may not
 * @param excessConnections closed at once, since their source has as many as it may
 * @param datagrams received on VMs' own sockets
 */
public record IntakeCounters(
    Counter connections, Counter refusedConnections, Counter excessConnections, Counter datagrams) {
  /** Counters at zero. */
  public IntakeCounters() {
    this(new Counter(), new Counter(), new Counter(), new Counter());
  }
}
