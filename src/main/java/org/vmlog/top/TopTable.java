package org.vmlog.top;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.vmlog.platform.Amount;
import org.vmlog.platform.OneLine;

/**
 * Rows as lines of text, with a name's column as wide as the widest name. Whatever guests and
 * launchers have chosen is harmless in it. Immutable.
 *
 * @param perLog bytes that a log may take, of which a part is shown
 */
record TopTable(Instant now, long perLog) {
  private static final int MIN_NAME = 12;
  private static final int MAX_NAME = 30;
  private static final String FORMAT = "%s %9s %10s %4s %7s %5s %5s  %s";

  /** The line above the rows. */
  String header(List<Row> rows) {
    return FORMAT.formatted(
        Cells.left("VM", nameWidth(rows)),
        "RECORDS/S",
        "BYTES/S",
        "CONN",
        "REFUSED",
        "QUOTA",
        "LAST",
        "DROPPED");
  }

  /** A line for each row. */
  List<String> lines(List<Row> rows) {
    int width = nameWidth(rows);
    List<String> lines = new ArrayList<>();
    rows.forEach(row -> lines.add(line(row, width)));
    return lines;
  }

  private String line(Row row, int nameWidth) {
    SourceCounts counts = row.counts();
    return FORMAT.formatted(
        Cells.left(counts.name().shown(), nameWidth),
        rate(row.recordsPerSecond()),
        Amount.bytes((long) row.bytesPerSecond()),
        counts.connections(),
        counts.refused(),
        quota(counts),
        counts.lastWritten().map(this::age).orElse("-"),
        counts.dropped().isEmpty() ? "0" : listed(counts.dropped()));
  }

  private static int nameWidth(List<Row> rows) {
    int widest = rows.stream().mapToInt(row -> Cells.width(row.name().shown())).max().orElse(0);
    return Math.max(MIN_NAME, Math.min(MAX_NAME, widest));
  }

  static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 100 ? "%.1f" : "%.0f", perSecond);
  }

  private String quota(SourceCounts counts) {
    return counts.used().isPresent() && perLog > 0
        ? "%s%%".formatted(counts.used().getAsLong() * 100 / perLog)
        : "-";
  }

  private String age(Instant then) {
    long seconds = Math.max(0, Duration.between(then, now).toSeconds());
    if (seconds < 100) {
      return seconds + "s";
    }
    if (seconds < 100 * 60) {
      return seconds / 60 + "m";
    }
    return seconds < 100 * 3600 ? seconds / 3600 + "h" : seconds / 86400 + "d";
  }

  /** {@code 12 rate-limit, 1 line-cut}, the most first. */
  private static String listed(Map<String, Long> dropped) {
    return dropped.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .map(one -> one.getValue() + " " + OneLine.of(one.getKey().replace('_', '-')))
        .collect(Collectors.joining(", "));
  }
}
