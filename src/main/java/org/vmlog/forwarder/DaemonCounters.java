package org.vmlog.forwarder;

import java.util.function.Supplier;
import org.vmlog.intake.IntakeCounters;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.metrics.CounterSnapshot;
import org.vmlog.realm.ListenerCounters;
import org.vmlog.wire.LogServer;

/** Everything that the daemon counts beside what each source has sent. Thread-safe. */
final class DaemonCounters implements Supplier<CounterSnapshot> {
  private final IntakeCounters intake;
  private final LogServer server;
  private final LifecycleCounters lifecycle;
  private final ListenerCounters components;

  DaemonCounters(
      IntakeCounters intake,
      LogServer server,
      LifecycleCounters lifecycle,
      ListenerCounters components) {
    this.intake = intake;
    this.server = server;
    this.lifecycle = lifecycle;
    this.components = components;
  }

  @Override
  public CounterSnapshot get() {
    return new CounterSnapshot()
        .add("connections", intake.connections())
        .add("connections_anonymous", intake.anonymousConnections())
        .add("connections_refused", intake.refusedConnections())
        .add("connections_excess", intake.excessConnections())
        .add("connections_foreign", intake.foreignConnections())
        .add("streams", intake.streams())
        .add("streams_malformed", intake.malformedStreams())
        .add("entries_silent", intake.silentEntries())
        .add("connections_held", server.holdCounters().held())
        .add("connections_held_announced", server.holdCounters().announced())
        .add("connections_held_expired", server.holdCounters().expired())
        .add("connections_held_excess", server.holdCounters().excess())
        .add("connections_held_now", server.heldNow())
        .add("components_connected", components.connections())
        .add("components_malformed", components.malformed())
        .add("components_excess", components.excess())
        .add("requests_refused", intake.refusedRequests())
        .add("datagrams", intake.datagrams())
        .add("vms_opened", lifecycle.opened())
        .add("vms_closed", lifecycle.closed())
        .add("vms_failed", lifecycle.failed())
        .add("claims_refused", lifecycle.refusedClaims())
        .add("stops_ignored", lifecycle.ignoredStops())
        .add("signals_forged", lifecycle.wrongSender())
        .add("signals_malformed", lifecycle.malformed())
        .add("lists", lifecycle.lists())
        .add("lists_failed", lifecycle.failedLists());
  }
}
