package org.vmlog.view.query;

import java.util.List;
import java.util.Locale;

/**
 * Severities, as {@code -p} has them: {@code err} is that and worse, {@code warning..err} is from
 * the one to the other, in either order. Immutable.
 *
 * @param worst 0, an emergency, or higher
 * @param mildest at most 7
 */
public record SeverityRange(int worst, int mildest) {
  public static final SeverityRange ALL = new SeverityRange(0, 7);

  /** By their numbers, syslog(3). */
  public static final List<String> NAMES =
      List.of("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug");

  private static final List<String> OTHER_NAMES =
      List.of("emergency", "", "critical", "error", "warn", "", "information", "");

  /**
   * Parses what was typed.
   *
   * @throws IllegalArgumentException that says what is allowed
   */
  public static SeverityRange parse(String text) {
    int dots = text.indexOf("..");
    if (dots < 0) {
      return new SeverityRange(0, severity(text));
    }
    int from = severity(text.substring(0, dots));
    int to = severity(text.substring(dots + 2));
    return new SeverityRange(Math.min(from, to), Math.max(from, to));
  }

  public boolean holds(int severity) {
    return severity >= worst && severity <= mildest;
  }

  private static int severity(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    for (int severity = 0; severity <= 7; severity++) {
      if (name.equals(NAMES.get(severity))
          || (!name.isEmpty() && name.equals(OTHER_NAMES.get(severity)))
          || name.equals(Integer.toString(severity))) {
        return severity;
      }
    }
    throw new IllegalArgumentException(
        "severity \"%s\"; allowed are %s, or 0 to 7, or two of them as in warning..err"
            .formatted(text, String.join(", ", NAMES)));
  }
}
