package org.vmlog.view.query;

import static java.util.Locale.ROOT;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A point in time as people type it: what systemd.time(7) allows for journalctl, and {@code 5m} for
 * five minutes ago.
 *
 * <ul>
 *   <li>{@code 2026-11-21 18:17:16}, with {@code T} or a space, down to minutes or microseconds;
 *       {@code 2026-11-21} is its midnight; {@code UTC}, {@code Z} or {@code +01:00} may follow
 *   <li>{@code Nov 21 18:17:16}, as lines are shown, is the last such day that is not to come
 *   <li>{@code 18:17}, {@code 18:17:16}: today
 *   <li>{@code now}, {@code today}, {@code yesterday}, {@code tomorrow}
 *   <li>before a date the weekday, which must be right; behind any of these but {@code now} a zone,
 *       {@code Europe/Berlin} or what the reader's is called, {@code CET}
 *   <li>{@code 5m}, {@code 1h30min}, {@code 2 hours ago}, {@code -5min}; {@code +5min} and {@code
 *       5min left} are to come
 *   <li>{@code @1767323045}: seconds since 1970
 * </ul>
 *
 * Immutable.
 */
public final class TimeSpec {
  private static final String DAYS = "montuewedthufrisatsun";
  private static final Set<String> FULL_DAYS =
      Set.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");
  private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

  /** A weekday and a zone may stand around all of them. */
  private static final Pattern ABSOLUTE =
      Pattern.compile(
          "(?:(?<weekday>\\p{Alpha}{3,9})\\s+(?=\\d|\\p{Alpha}{3}\\s))?"
              + "(?:(?<year>\\d{4}|\\d{2})-(?<month>\\d{1,2})-(?<day>\\d{1,2})"
              + "|(?<monthname>\\p{Alpha}{3})\\s+(?<dayofmonth>\\d{1,2}))?"
              + "(?:(?:^|[ T])(?<hour>\\d{1,2}):(?<minute>\\d{2})"
              + "(?::(?<second>\\d{2})(?:\\.(?<fraction>\\d{1,9}))?)?)?"
              + "(?:\\s*(?<offset>Z|[+-]\\d{2}:?\\d{2})|\\s+(?<zone>[A-Za-z][\\w/+-]*))?");

  private static final Pattern DAY =
      Pattern.compile("(today|yesterday|tomorrow)(?:\\s+([A-Za-z][\\w/+-]*))?");
  private static final Pattern SPAN =
      Pattern.compile("\\s*(\\d{1,15}|(?=\\.\\d))(?:\\.(\\d{1,9}))?\\s*([A-Za-z\u00b5\u03bc]*)");
  private static final Pattern EPOCH = Pattern.compile("@(\\d{1,12})(?:\\.(\\d{1,6}))?");
  private static final long SECOND = 1_000_000;

  /** In microseconds; months and years as systemd.time(7) has them. */
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("us", 1L),
          Map.entry("usec", 1L),
          Map.entry("\u00b5s", 1L), // the micro sign
          Map.entry("\u03bcs", 1L), // and the letter
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
      Matcher day = DAY.matcher(text);
      if (text.equals("now")) {
        return now;
      }
      if (day.matches()) {
        return day(day.group(1), day.group(2) == null ? zone : zone(day.group(2)));
      }
      return parse(text, typed);
    } catch (DateTimeException | ArithmeticException e) {
      throw wrong(typed);
    }
  }

  private Instant day(String word, ZoneId its) {
    int days = word.equals("today") ? 0 : word.equals("tomorrow") ? 1 : -1;
    return LocalDate.ofInstant(now, its).plusDays(days).atStartOfDay(its).toInstant();
  }

  private Instant parse(String text, String typed) {
    Matcher epoch = EPOCH.matcher(text);
    if (epoch.matches()) {
      return Instant.ofEpochSecond(Long.parseLong(epoch.group(1)))
          .plusNanos(fraction(epoch.group(2)));
    }
    Matcher absolute = ABSOLUTE.matcher(text);
    if (absolute.matches()
        && (absolute.group("day") != null
            || absolute.group("hour") != null
            || absolute.group("dayofmonth") != null)) {
      return absolute(absolute, typed);
    }
    if (text.startsWith("+")) {
      return plus(span(text.substring(1), typed));
    }
    if (text.startsWith("-")) {
      return plus(-span(text.substring(1), typed));
    }
    if (text.endsWith(" left")) {
      return plus(span(text.substring(0, text.length() - 5), typed));
    }
    return plus(-span(text.endsWith(" ago") ? text.substring(0, text.length() - 4) : text, typed));
  }

  private Instant absolute(Matcher text, String typed) {
    ZoneId its = zone;
    if (text.group("offset") != null) {
      its = ZoneOffset.of(text.group("offset"));
    } else if (text.group("zone") != null) {
      its = zone(text.group("zone"));
    }
    int second = text.group("second") == null ? 0 : number(text, "second");
    if (second > 60) { // a leap second is the next minute's first
      throw wrong(typed);
    }
    LocalTime time =
        text.group("hour") == null
            ? LocalTime.MIDNIGHT
            : LocalTime.of(number(text, "hour"), number(text, "minute"));
    LocalDate date = date(text, LocalDate.ofInstant(now, its), typed);
    if (text.group("weekday") != null
        && date.getDayOfWeek().getValue() != nameIn(DAYS, text.group("weekday"), typed)) {
      throw wrong(typed);
    }
    return LocalDateTime.of(date, time)
        .plusSeconds(second)
        .plusNanos(fraction(text.group("fraction")))
        .atZone(its)
        .toInstant();
  }

  private static LocalDate date(Matcher text, LocalDate today, String typed) {
    if (text.group("monthname") != null) {
      int month = nameIn(MONTHS, text.group("monthname"), typed);
      int day = number(text, "dayofmonth");
      // Lines have no year either; theirs is the last that is not to come.
      int year = today.getYear();
      while (!YearMonth.of(year, month).isValidDay(day)
          || LocalDate.of(year, month, day).isAfter(today.plusDays(1))) {
        if (--year < today.getYear() - 8) {
          throw wrong(typed);
        }
      }
      return LocalDate.of(year, month, day);
    }
    if (text.group("year") == null) {
      return today;
    }
    int year = number(text, "year");
    if (text.group("year").length() == 2) {
      year += year < 69 ? 2000 : 1900; // strptime(3)
    }
    return LocalDate.of(year, number(text, "month"), number(text, "day"));
  }

  /** By an IANA name, or by what this zone is called in summer or in winter. */
  private ZoneId zone(String name) {
    for (boolean summer : new boolean[] {false, true}) {
      if (name.equals(TimeZone.getTimeZone(zone).getDisplayName(summer, TimeZone.SHORT, ROOT))) {
        int saving = summer ? 1 : 0;
        return ZoneOffset.ofTotalSeconds(
            TimeZone.getTimeZone(zone).getRawOffset() / 1000
                + saving * TimeZone.getTimeZone(zone).getDSTSavings() / 1000);
      }
    }
    return ZoneId.of(name);
  }

  /** From 1; a name may be written out. */
  private static int nameIn(String names, String typed, String all) {
    String name = typed.toLowerCase(ROOT);
    int at = names.indexOf(name.substring(0, 3));
    boolean whole = name.length() == 3 || FULL_DAYS.contains(name);
    if (at < 0 || at % 3 != 0 || !whole) {
      throw wrong(all);
    }
    return at / 3 + 1;
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
      BigDecimal number =
          new BigDecimal("0" + part.group(1) + "." + (part.group(2) == null ? "0" : part.group(2)));
      micros =
          Math.addExact(
              micros,
              number
                  .multiply(BigDecimal.valueOf(unit))
                  .setScale(0, RoundingMode.DOWN)
                  .longValueExact());
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

  private static int number(Matcher text, String group) {
    return Integer.parseInt(text.group(group));
  }

  private static IllegalArgumentException wrong(String typed) {
    return new IllegalArgumentException(
        "time \"%s\"; allowed are such as \"2026-11-21 18:17:16\", 18:17, yesterday, 5m, \"2 hours ago\""
                .formatted(typed)
            + " and @1767323045");
  }
}
