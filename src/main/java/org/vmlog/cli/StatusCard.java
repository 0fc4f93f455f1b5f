package org.vmlog.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vmlog.platform.Amount;

/** All that is known of one source, as people read it. Confined to one thread. */
final class StatusCard {
  private final PrintWriter out;

  StatusCard(PrintWriter out) {
    this.out = out;
  }

  /**
   * Prints a VM.
   *
   * @param live what ListVms says; empty if the VM is not live
   */
  void print(VmName vm, Optional<Map<String, Object>> live, VmStatistics statistics) {
    out.println(Shown.text(vm));
    TextTable card = new TextTable();
    live.ifPresentOrElse(values -> describe(card, values), () -> card.row("live", "no"));
    print(card, statistics);
  }

  /** Prints a component or a user. */
  void print(SourceName name, VmStatistics statistics) {
    out.println(Shown.text(name));
    print(new TextTable(), statistics);
  }

  private void print(TextTable card, VmStatistics statistics) {
    card.row("last written", statistics.lastWritten().orElse("-"));
    card.row(
        "connections",
        "%s open, %s in all"
            .formatted(statistics.connectionsOpen(), statistics.connectionsOpened()));
    Map<String, Long> bytes = statistics.bytes();
    card.row("written", written(VmStatistics.sum(statistics.records()), VmStatistics.sum(bytes)));
    statistics
        .records()
        .forEach(
            (severity, records) ->
                card.row("  " + severity, written(records, bytes.getOrDefault(severity, 0L))));
    card.row("dropped", orNone(VmStatistics.listed(statistics.dropped())));
    card.row("refused", orNone(VmStatistics.listed(statistics.refused())));
    card.print(out, 2);
  }

  private static void describe(TextTable card, Map<String, Object> live) {
    card.row(
        "live",
        "since %s, generation %s"
            .formatted(
                Shown.time(live.getOrDefault("started", 0L)), live.getOrDefault("generation", 0L)));
    card.row("cid", Shown.text(live.getOrDefault("cid", "none")));
    List<?> claimedBy = (List<?>) live.getOrDefault("claimed_by", List.of());
    card.row(
        "claimed by",
        Shown.text(String.join(", ", claimedBy.stream().map(String::valueOf).toList())));
    card.row("log", Shown.text(live.getOrDefault("log", "-")));
    String title = "doors";
    for (String door : doors(live)) {
      card.row(title, Shown.text(door));
      title = "";
    }
  }

  /** By which ways its lines come, and why not by one that is not open. */
  private static List<String> doors(Map<String, Object> live) {
    List<String> doors = new ArrayList<>();
    for (String kind : List.of("grpc", "journal", "syslog", "console", "crosvm")) {
      Optional.ofNullable(live.get(kind + "_socket")).map(String::valueOf).ifPresent(doors::add);
    }
    if (live.containsKey("hybrid_vsock")) {
      Object problem = live.get("hybrid_vsock_problem");
      doors.add(
          "hybrid vsock %s, %s"
              .formatted(
                  live.get("hybrid_vsock"), problem == null ? "open" : "not open: " + problem));
    }
    return doors;
  }

  private static String written(long records, long bytes) {
    return "%s record%s, %s".formatted(records, records == 1 ? "" : "s", Amount.bytes(bytes));
  }

  private static String orNone(String kinds) {
    return kinds.isEmpty() ? "none" : kinds;
  }
}
