package org.vmlog.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations: a whole number and one unit, such as {@code "5s"} or {@code "1d"}. Thread-safe. */
final class Durations {
  /** A hundred years, so that a duration in nanoseconds still fits a long. */
  private static final Duration MAX = Duration.ofDays(36_500);

  private static final Pattern DURATION = Pattern.compile("(\\d{1,16})(ms|s|m|h|d)");

  static ValueType<Duration> atLeast(Duration min) {
    return between(min, MAX);
  }

  /** Both ends included. */
  static ValueType<Duration> between(Duration min, Duration max) {
    return toml -> {
      if (toml instanceof String text) {
        Matcher matcher = DURATION.matcher(text);
        if (matcher.matches()) {
          long count = Long.parseLong(matcher.group(1));
          Duration unit = unit(matcher.group(2));
          if (count <= max.dividedBy(unit) && unit.multipliedBy(count).compareTo(min) >= 0) {
            return unit.multipliedBy(count);
          }
        }
      }
      throw new BadValueException(
          "a duration such as \"5s\" or \"1d\" (ms, s, m, h or d), at least "
              + format(min)
              + " and at most "
              + format(max));
    };
  }

  /** The shortest exact form that {@link #between} reads; milliseconds are the finest unit. */
  static String format(Duration duration) {
    long millis = duration.toMillis();
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      long length = unit(unit).toMillis();
      if (millis != 0 && millis % length == 0) {
        return millis / length + unit;
      }
    }
    return millis + "ms";
  }

  private static Duration unit(String name) {
    return switch (name) {
      case "ms" -> Duration.ofMillis(1);
      case "s" -> Duration.ofSeconds(1);
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      default -> Duration.ofDays(1);
    };
  }

  private Durations() {}
}
