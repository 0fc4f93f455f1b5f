package org.vmlog.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.vmlog.platform.OneLine;

/** Values of the forwarder's as people read them, harmless to a terminal. Thread-safe. */
final class Shown {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Shown() {}

  static String text(Object value) {
    return OneLine.of(String.valueOf(value));
  }

  /** Microseconds since 1970, to the second, by the local clock. */
  static String time(Object micros) {
    return TIME.format(Instant.ofEpochSecond((Long) micros / 1_000_000));
  }

  /** Bytes with three or four digits: {@code 17 B}, {@code 1.2 MiB}, {@code 815 GiB}. */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024) {
      value /= 1024;
      unit++;
    }
    String digits = unit > 0 && value < 10 ? "%.1f" : "%.0f";
    return (digits + " %s").formatted(value, UNITS[unit]);
  }
}
