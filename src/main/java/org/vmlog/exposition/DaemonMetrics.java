package org.vmlog.exposition;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import org.vmlog.metrics.CounterSnapshot;

/** What the daemon counts for all sources together. */
final class DaemonMetrics {
  /** The one number among them that goes down again. */
  private static final String HELD_NOW = "connections_held_now";

  private static final Map<String, String> HELP =
      Map.ofEntries(
          Map.entry("connections", "Connections from sources that may log."),
          Map.entry("connections_anonymous", "Of those, from CIDs that nobody had announced."),
          Map.entry("connections_refused", "Connections from peers that may not log, by why."),
          Map.entry("connections_excess", "Connections above the limit of their source."),
          Map.entry(
              "connections_foreign", "Connections that do not speak gRPC where it is spoken."),
          Map.entry("streams", "Connections of guests without an agent, by what is spoken."),
          Map.entry("streams_malformed", "Of those, closed for what came on them."),
          Map.entry("entries_silent", "Entries of a journal without a message."),
          Map.entry("connections_held", "Connections on vsock that waited for their VM."),
          Map.entry("connections_held_announced", "Of those, whose VM was announced in time."),
          Map.entry("connections_held_expired", "Of those, whose VM was not."),
          Map.entry("connections_held_excess", "Of those, too many to wait."),
          Map.entry(
              "components_connected", "Connections of components, from the broker of realms."),
          Map.entry(
              "components_malformed", "Connections it announced in a way that is not allowed."),
          Map.entry("components_excess", "Connections of components above the limit."),
          Map.entry("requests_refused", "Requests that were not answered with OK, by why."),
          Map.entry("datagrams", "Datagrams from VMMs."),
          Map.entry("vms_opened", "VMs that began to live."),
          Map.entry("vms_closed", "VMs that ended."),
          Map.entry("vms_failed", "VMs whose file or sockets could not be opened."),
          Map.entry("claims_refused", "Announcements of what is another VM's, by whose."),
          Map.entry("stops_ignored", "Stops of VMs that do not live, or live anew."),
          Map.entry("signals_forged", "D-Bus signals from somebody who may not send them."),
          Map.entry("signals_malformed", "D-Bus signals that could not be read."),
          Map.entry("lists", "Lists of VMs that were asked for."),
          Map.entry("lists_failed", "Of those, without a usable answer."));

  private DaemonMetrics() {}

  static void addTo(MetricSnapshots.Builder all, CounterSnapshot counters) {
    counters
        .plain()
        .forEach(
            (name, value) -> {
              if (name.equals(HELD_NOW)) {
                all.metricSnapshot(
                    Families.gauge(
                        "vmlog_connections_waiting",
                        "Connections on vsock that wait for their VM to be announced.",
                        value));
              } else {
                all.metricSnapshot(Families.counter("vmlog_" + name, help(name), value));
              }
            });
    counters
        .labelled()
        .forEach(
            (name, values) ->
                all.metricSnapshot(
                    Families.counter("vmlog_" + name, help(name), Families.by("reason", values))));
  }

  private static String help(String name) {
    String help = HELP.get(name);
    if (help == null) {
      throw new IllegalArgumentException("nobody has said what " + name + " is");
    }
    return help;
  }
}
