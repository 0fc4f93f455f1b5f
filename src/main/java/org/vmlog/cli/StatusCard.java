package org.vmlog.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that is known of one VM, as people read it. Confined to one thread. */
final class StatusCard {
  private final PrintWriter out;

  StatusCard(PrintWriter out) {
    this.out = out;
  }

  /**
   * Prints it.
   *
   * @param live what ListVms says; empty if the VM is not live
   * @param statistics what GetStatistics says
   */
  void print(VmName vm, Optional<Map<String, Object>> live, Map<String, Object> statistics) {
    out.println(Shown.text(vm));
    TextTable card = new TextTable();
    live.ifPresentOrElse(values -> describe(card, values), () -> card.row("live", "no"));
    card.row("last written", lastWritten(statistics));
    card.row(
        "connections",
        "%s open, %s in all"
            .formatted(statistics.get("connections_open"), statistics.get("connections_opened")));
    Map<?, ?> bytes = (Map<?, ?>) statistics.get("bytes");
    card.row("written", records(Shown.sum(statistics.get("records")), Shown.sum(bytes)));
    ((Map<?, ?>) statistics.get("records"))
        .forEach(
            (severity, count) -> {
              if (!count.equals(0L)) {
                card.row("  " + severity, records((Long) count, (Long) bytes.get(severity)));
              }
            });
    card.row("dropped", orNone(nonZero((Map<?, ?>) statistics.get("dropped"))));
    card.row("refused", orNone(nonZero((Map<?, ?>) statistics.get("refused"))));
    card.print(out, 2);
  }

  private static void describe(TextTable card, Map<String, Object> live) {
    card.row(
        "live",
        "since %s, generation %s"
            .formatted(Shown.time(live.getOrDefault("started", 0L)), live.get("generation")));
    card.row("cid", Shown.text(live.getOrDefault("cid", "-")));
    List<?> claimedBy = (List<?>) live.getOrDefault("claimed_by", List.of());
    card.row(
        "claimed by",
        Shown.text(String.join(", ", claimedBy.stream().map(String::valueOf).toList())));
    card.row("log", Shown.text(live.getOrDefault("log", "-")));
  }

  private static String records(long records, long bytes) {
    return "%d record%s, %s".formatted(records, records == 1 ? "" : "s", Shown.bytes(bytes));
  }

  /** When something was last written for a VM. */
  static String lastWritten(Map<String, Object> statistics) {
    Object micros = statistics.get("last_written");
    return micros == null ? "-" : Shown.time(micros);
  }

  /** Each kind that there was, {@code 7 rate-limit, 1 line-cut}; empty if there was none. */
  static String nonZero(Map<?, ?> kinds) {
    return String.join(
        ", ",
        kinds.entrySet().stream()
            .filter(kind -> !kind.getValue().equals(0L))
            .map(kind -> kind.getValue() + " " + kind.getKey())
            .toList());
  }

  private static String orNone(String kinds) {
    return kinds.isEmpty() ? "none" : kinds;
  }
}
