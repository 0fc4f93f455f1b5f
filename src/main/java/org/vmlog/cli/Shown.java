package org.vmlog.cli;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.vmlog.platform.HostZone;
import org.vmlog.platform.OneLine;

/** Values of the forwarder's as people read them, harmless to a terminal. Thread-safe. */
final class Shown {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(HostZone.here());

  private Shown() {}

  static String text(Object value) {
    return OneLine.of(String.valueOf(value));
  }

  /** Microseconds since 1970, to the second, by the local clock. */
  static String time(Object micros) {
    return TIME.format(Instant.ofEpochSecond((Long) micros / 1_000_000));
  }
}
