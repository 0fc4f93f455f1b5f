package org.vmlog.view.render;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneId;
import java.util.function.LongFunction;
import org.vmlog.record.TimestampFormatter;

/** Times of lines as people read them. Confined to one thread. */
public final class Times {
  private static final int MICROS = 1_000_000;
  private static final int TO_SECONDS = "1985-04-12T23:20:50".length();
  private static final int TO_MICROS = TO_SECONDS + ".123456".length();

  private final TimestampFormatter formatter;

  public Times(ZoneId zone) {
    formatter = new TimestampFormatter(zone);
  }

  /** As one of the formats whose name begins with {@code short} has it. */
  LongFunction<String> in(String format) {
    return switch (format) {
      case "short-iso" -> this::iso;
      case "short-precise" ->
          micros -> shortly(micros) + text(rfc5424(micros), TO_SECONDS, TO_MICROS);
      default -> this::shortly;
    };
  }

  /** {@code Nov 21 13:40:05}. */
  public String shortly(long micros) {
    return text(formatter.rfc3164(Math.floorDiv(micros, MICROS)), 0, 15);
  }

  /** {@code 2026-11-21T13:40:05+01:00}. */
  String iso(long micros) {
    byte[] all = rfc5424(micros);
    return text(all, 0, TO_SECONDS) + text(all, TO_MICROS, all.length);
  }

  /** {@code 2026-11-21T13:40:05.123456+01:00}. */
  String precisely(long micros) {
    byte[] all = rfc5424(micros);
    return text(all, 0, all.length);
  }

  private byte[] rfc5424(long micros) {
    int nanos = (int) Math.floorMod(micros, (long) MICROS) * 1000;
    return formatter.rfc5424(Math.floorDiv(micros, MICROS), nanos);
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, US_ASCII);
  }
}
