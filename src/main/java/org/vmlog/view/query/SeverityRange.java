package org.vmlog.view.query;

import org.vmlog.record.Severity;

/**
 * Severities, as {@code -p} has them: {@code err} is that and worse, {@code warning..err} is from
 * the one to the other, in either order. Immutable.
 *
 * @param worst 0, an emergency, or higher
 * @param mildest at most 7
 */
public record SeverityRange(int worst, int mildest) {
  public static final SeverityRange ALL = new SeverityRange(0, 7);

  /**
   * Parses what was typed.
   *
   * @throws IllegalArgumentException that says what is allowed
   */
  public static SeverityRange parse(String text) {
    int dots = text.indexOf("..");
    try {
      if (dots < 0) {
        return new SeverityRange(0, Severity.parse(text).number());
      }
      int from = Severity.parse(text.substring(0, dots)).number();
      int to = Severity.parse(text.substring(dots + 2)).number();
      return new SeverityRange(Math.min(from, to), Math.max(from, to));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "severity \"%s\"; allowed are %s, or two of them as in warning..err"
              .formatted(text, Severity.ALLOWED));
    }
  }

  public boolean holds(int severity) {
    return severity >= worst && severity <= mildest;
  }
}
