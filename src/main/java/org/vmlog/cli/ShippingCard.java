package org.vmlog.cli;

import java.io.PrintWriter;
import java.time.Instant;
import org.vmlog.platform.Amount;
import org.vmlog.ship.ShipReport;

/** How shipping goes, as people read it. Stateless. */
final class ShippingCard {
  private ShippingCard() {}

  /** Prints what a vmlog-ship has said last. */
  static void print(PrintWriter out, ShipReport report, Instant now) {
    TextTable card = new TextTable();
    card.row("shipping to", Shown.text(report.text("engine")));
    card.row("state", Shown.text(state(report, now)));
    card.row(
        "behind",
        Amount.bytes(report.number("behind_bytes")) + " in " + logs(report.number("logs")));
    card.row(
        "shipped",
        "%s records, %s, since its start"
            .formatted(report.number("records"), Amount.bytes(report.number("bytes"))));
    if (report.number("rejected") > 0) {
      card.row("rejected", report.number("rejected") + " records");
    }
    if (report.number("gaps") > 0) {
      card.row(
          "gaps",
          "%s, of %s".formatted(report.number("gaps"), Amount.bytes(report.number("gap_bytes"))));
    }
    if (report.number("unreadable_files") > 0) {
      card.row("unreadable", Shown.text(report.text("unreadable")));
    }
    if (!report.text("too_large_in").isEmpty()) {
      card.row("too large in", Shown.text(report.text("too_large_in")));
    }
    card.print(out, 0);
  }

  private static String state(ShipReport report, Instant now) {
    String detail = report.text("detail");
    String state = report.text("state") + (detail.isEmpty() ? "" : ": " + detail);
    return report.isAlive(now)
        ? state
        : "vmlog-ship does not run; at %s it was %s"
            .formatted(Shown.time(report.written().toEpochMilli() * 1000), state);
  }

  private static String logs(long count) {
    return count == 1 ? "1 log" : count + " logs";
  }
}
