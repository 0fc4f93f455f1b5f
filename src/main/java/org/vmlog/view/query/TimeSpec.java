package org.vmlog.view.query;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A point in time as people type it: what systemd.time(7) allows for journalctl, and {@code 5m} for
 * five minutes ago.
 *
 * <ul>
 *   <li>{@code 2026-11-21 18:17:16}, with {@code T} or a space, down to minutes or microseconds;
 *       {@code 2026-11-21} is its midnight; {@code UTC}, {@code Z} or {@code +01:00} may follow
 *   <li>{@code 18:17}, {@code 18:17:16}: today
 *   <li>{@code now}, {@code today}, {@code yesterday}, {@code tomorrow}
 *   <li>{@code 5m}, {@code 1h30min}, {@code 2 hours ago}, {@code -5min}; {@code +5min} is to come
 *   <li>{@code @1767323045}: seconds since 1970
 * </ul>
 *
 * Immutable.
 */
public final class TimeSpec {
  private static final Pattern ABSOLUTE =
      Pattern.compile(
          "(?:(\\d{4})-(\\d{1,2})-(\\d{1,2}))?"
              + "(?:(?:^|[ T])(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?)?"
              + "\\s*(Z|UTC|[+-]\\d{2}:?\\d{2})?");
  private static final Pattern SPAN =
      Pattern.compile("\\s*(\\d{1,15})(?:\\.(\\d{1,6}))?\\s*([A-Za-zµ]*)");
  private static final Pattern EPOCH = Pattern.compile("@(\\d{1,12})(?:\\.(\\d{1,6}))?");
  private static final long SECOND = 1_000_000;

  /** In microseconds; months and years as systemd.time(7) has them. */
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("us", 1L),
          Map.entry("usec", 1L),
          Map.entry("µs", 1L),
          Map.entry("ms", 1000L),
          Map.entry("msec", 1000L),
          Map.entry("", SECOND),
          Map.entry("s", SECOND),
          Map.entry("sec", SECOND),
          Map.entry("second", SECOND),
          Map.entry("seconds", SECOND),
          Map.entry("m", 60 * SECOND),
          Map.entry("min", 60 * SECOND),
          Map.entry("minute", 60 * SECOND),
          Map.entry("minutes", 60 * SECOND),
          Map.entry("h", 3600 * SECOND),
          Map.entry("hr", 3600 * SECOND),
          Map.entry("hour", 3600 * SECOND),
          Map.entry("hours", 3600 * SECOND),
          Map.entry("d", 86_400 * SECOND),
          Map.entry("day", 86_400 * SECOND),
          Map.entry("days", 86_400 * SECOND),
          Map.entry("w", 604_800 * SECOND),
          Map.entry("week", 604_800 * SECOND),
          Map.entry("weeks", 604_800 * SECOND),
          Map.entry("M", 2_629_800 * SECOND),
          Map.entry("month", 2_629_800 * SECOND),
          Map.entry("months", 2_629_800 * SECOND),
          Map.entry("y", 31_557_600 * SECOND),
          Map.entry("year", 31_557_600 * SECOND),
          Map.entry("years", 31_557_600 * SECOND));

  private final Instant now;
  private final ZoneId zone;

  /** Relative times are from now, others by this zone's clocks. */
  public TimeSpec(Instant now, ZoneId zone) {
    this.now = now;
    this.zone = zone;
  }

  /**
   * The time that was typed.
   *
   * @throws IllegalArgumentException that says what is allowed
   */
  public Instant parse(String typed) {
    String text = typed.strip();
    try {
      LocalDate today = LocalDate.ofInstant(now, zone);
      return switch (text) {
        case "now" -> now;
        case "today" -> today.atStartOfDay(zone).toInstant();
        case "yesterday" -> today.minusDays(1).atStartOfDay(zone).toInstant();
        case "tomorrow" -> today.plusDays(1).atStartOfDay(zone).toInstant();
        default -> parse(text, today);
      };
    } catch (DateTimeException | ArithmeticException e) {
      throw wrong(typed);
    }
  }

  private Instant parse(String text, LocalDate today) {
    Matcher epoch = EPOCH.matcher(text);
    if (epoch.matches()) {
      return Instant.ofEpochSecond(Long.parseLong(epoch.group(1)))
          .plusNanos(fraction(epoch.group(2)));
    }
    Matcher absolute = ABSOLUTE.matcher(text);
    if (absolute.matches() && (absolute.group(1) != null || absolute.group(4) != null)) {
      return absolute(absolute, today);
    }
    if (text.startsWith("+")) {
      return plus(span(text.substring(1), text));
    }
    if (text.startsWith("-")) {
      return plus(-span(text.substring(1), text));
    }
    return plus(-span(text.endsWith(" ago") ? text.substring(0, text.length() - 4) : text, text));
  }

  private Instant absolute(Matcher text, LocalDate today) {
    LocalDate date =
        text.group(1) == null
            ? today
            : LocalDate.of(number(text, 1), number(text, 2), number(text, 3));
    LocalTime time =
        text.group(4) == null
            ? LocalTime.MIDNIGHT
            : LocalTime.of(
                number(text, 4),
                number(text, 5),
                text.group(6) == null ? 0 : number(text, 6),
                (int) fraction(text.group(7)));
    String offset = text.group(8);
    ZoneId its = zone;
    if (offset != null) {
      its = offset.equals("UTC") ? ZoneOffset.UTC : ZoneOffset.of(offset);
    }
    return LocalDateTime.of(date, time).atZone(its).toInstant();
  }

  private Instant plus(long micros) {
    return now.plusSeconds(Math.floorDiv(micros, SECOND))
        .plusNanos(Math.floorMod(micros, SECOND) * 1000);
  }

  /** {@code 1h 30min} in microseconds. */
  private static long span(String text, String typed) {
    Matcher part = SPAN.matcher(text);
    long micros = 0;
    int at = 0;
    while (at < text.length() && part.find(at) && part.start() == at) {
      Long unit = UNITS.get(part.group(3));
      if (unit == null) {
        throw wrong(typed);
      }
      micros = Math.addExact(micros, Math.multiplyExact(Long.parseLong(part.group(1)), unit));
      micros += fraction(part.group(2)) / 1000 * unit / SECOND;
      at = part.end();
    }
    if (at == 0 || at < text.length()) {
      throw wrong(typed);
    }
    return micros;
  }

  /** Digits behind a point, in billionths. */
  private static long fraction(String digits) {
    return digits == null ? 0 : Long.parseLong((digits + "000000000").substring(0, 9));
  }

  private static int number(Matcher text, int group) {
    return Integer.parseInt(text.group(group));
  }

  private static IllegalArgumentException wrong(String typed) {
    return new IllegalArgumentException(
        "time \"%s\"; allowed are such as \"2026-11-21 18:17:16\", 18:17, yesterday, 5m, \"2 hours ago\""
                .formatted(typed)
            + " and @1767323045");
  }
}
