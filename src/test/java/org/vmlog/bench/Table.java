package org.vmlog.bench;

import java.util.List;
import java.util.Locale;

/** Words results as a table that is Markdown and can be read as it stands. Thread-safe. */
final class Table {
  private static final List<String> COLUMNS =
      List.of(
          "case                  ",
          "CPU s",
          "target",
          "original",
          "  cold",
          "guests",
          "records/s",
          "ack p50 µs",
          "ack p99 µs",
          "idle MB",
          "after MB",
          "peak MB");

  static final String HEAD = "| " + String.join(" | ", COLUMNS) + " |\n" + ruler();

  static final String NOTES =
      """

      CPU s: the forwarder's user and system time per million records, warm: the middle of three
      stretches. Target: what that is to be. Original: ChromeOS's forwarder in C++, measured
      elsewhere. Cold: the forwarder's first requests. Guests: what sending took. MB: resident, when
      ready, 12 s after the load (with --quick at once), and at most. Eight guests on eight
      connections, one request in flight each; records of 124 bytes. Every record was found in the
      files.
      """;

  private Table() {}

  static String row(Result result) {
    Scenario scenario = result.scenario();
    Result.Stretch warm = result.median();
    List<String> cells =
        List.of(
            scenario.name(),
            number("%.2f", warm.cpu()),
            scenario.targetCpu(),
            scenario.originalCpu(),
            number("%.1f", result.coldCpu()),
            number("%.2f", warm.loadCpu()),
            number("%.0f", warm.recordsPerSecond()),
            micros(warm.acks().ackP50Nanos()),
            micros(warm.acks().ackP99Nanos()),
            number("%.0f", result.idleMb()),
            number("%.0f", result.afterMb()),
            number("%.0f", result.peakMb()));
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String alignment = i == 0 ? "-" : "";
      row.append(("| %" + alignment + COLUMNS.get(i).length() + "s ").formatted(cells.get(i)));
    }
    return row + "|";
  }

  private static String ruler() {
    StringBuilder ruler = new StringBuilder();
    for (int i = 0; i < COLUMNS.size(); i++) {
      int width = COLUMNS.get(i).length() + 2;
      ruler.append('|').append(i == 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":");
    }
    return ruler + "|\n";
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String micros(long nanos) {
    return nanos == 0 ? "-" : Long.toString(nanos / 1000);
  }
}
