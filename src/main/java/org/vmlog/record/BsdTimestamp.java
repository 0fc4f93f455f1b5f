package org.vmlog.record;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/**
 * Parses {@code Mmm dd hh:mm:ss}, RFC 3164 section 4.1.2: local time without a year or a zone. A
 * day below ten may stand alone or be padded with a space or a zero. Confined to one thread.
 */
final class BsdTimestamp {
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  /** How many years away the year can be: from 2096 to 2104 there is no 29 February. */
  private static final int LEAP_DAY_REACH = 8;

  private static final int NO_YEAR = -1;

  private final ZoneId zone;
  private int year;
  private int month;
  private int day;
  private int secondOfDay;
  private int nanos;

  BsdTimestamp(ZoneId zone) {
    this.zone = zone;
  }

  /**
   * Parses the time at {@code from}, to which programs add a year in front of the hour, or a
   * fraction of a second.
   *
   * @return where it ends; {@code from} when there is none
   */
  int parse(byte[] bytes, int from, int end) {
    int dayEnd = parseDay(bytes, from, end);
    if (dayEnd == from) {
      return from;
    }
    int timeAt = dayEnd + 1;
    int yearEnd = Digits.end(bytes, timeAt, Math.min(end, timeAt + 4));
    year = NO_YEAR;
    if (yearEnd == timeAt + 4 && yearEnd < end && bytes[yearEnd] == ' ') {
      year = Digits.value(bytes, timeAt, yearEnd);
      timeAt = yearEnd + 1;
    }
    if (!parseTime(bytes, timeAt, end) || (year != NO_YEAR && !isInYear())) {
      return from;
    }
    int fractionEnd = Rfc3339Timestamp.fractionEnd(bytes, timeAt + 8, end);
    nanos = Rfc3339Timestamp.nanos(bytes, timeAt + 8, fractionEnd);
    return fractionEnd;
  }

  /** Parses the time at {@code from} as RFC 3164 has it and no other. */
  int parseFields(byte[] bytes, int from, int end) {
    int dayEnd = parseDay(bytes, from, end);
    return dayEnd > from && parseTime(bytes, dayEnd + 1, end) ? dayEnd + 9 : from;
  }

  /** {@code Mmm dd } with the space; answers where that is, or {@code from}. */
  private int parseDay(byte[] bytes, int from, int end) {
    month = month(bytes, from, end);
    if (month == 0) {
      return from;
    }
    int dayAt = from + 4;
    if (dayAt < end && bytes[dayAt] == ' ') {
      dayAt++;
    }
    int dayEnd = Digits.end(bytes, dayAt, Math.min(end, dayAt + 2));
    if (dayEnd == dayAt || dayEnd == end || bytes[dayEnd] != ' ') {
      return from;
    }
    day = Digits.value(bytes, dayAt, dayEnd);
    return day < 1 || day > Month.of(month).maxLength() ? from : dayEnd;
  }

  private boolean parseTime(byte[] bytes, int at, int end) {
    if (end - at < 8 || !isTime(bytes, at)) {
      return false;
    }
    int hour = Digits.value(bytes, at, at + 2);
    int minute = Digits.value(bytes, at + 3, at + 5);
    int second = Digits.value(bytes, at + 6, at + 8);
    secondOfDay = hour * 3600 + minute * 60 + second;
    return hour <= 23 && minute <= 59 && second <= 59;
  }

  private boolean isInYear() {
    return year > 0 && day <= YearMonth.of(year, month).lengthOfMonth();
  }

  /** 1 to 12, of the time that was parsed last. */
  int month() {
    return month;
  }

  /** 1 to 31, and one that this month can have. */
  int day() {
    return day;
  }

  /** By the wall clock, from midnight. */
  int secondOfDay() {
    return secondOfDay;
  }

  /** Nanoseconds within the second that {@link #parse} found last. */
  int nanos() {
    return nanos;
  }

  /**
   * The time that {@link #parse} found last, in seconds since the epoch. One without a year is of
   * the year that brings it nearest to now.
   *
   * @param now by this machine's clock, in seconds since the epoch
   */
  long seconds(long now) {
    ZoneOffset offsetNow = zone.getRules().getOffset(Instant.ofEpochSecond(now));
    if (year != NO_YEAR) {
      return inYear(year, offsetNow);
    }
    int yearNow = LocalDateTime.ofEpochSecond(now, 0, offsetNow).getYear();
    boolean leapDay = month == 2 && day == 29;
    int reach = leapDay ? LEAP_DAY_REACH : 1;
    long nearest = 0;
    long distance = Long.MAX_VALUE;
    for (int candidate = yearNow - reach; candidate <= yearNow + reach; candidate++) {
      if (leapDay && !Year.isLeap(candidate)) {
        continue;
      }
      long found = inYear(candidate, offsetNow);
      if (Math.abs(found - now) < distance) {
        distance = Math.abs(found - now);
        nearest = found;
      }
    }
    return nearest;
  }

  /** When clocks go back an hour comes twice: the one with today's offset is meant. */
  private long inYear(int of, ZoneOffset offsetNow) {
    LocalDateTime local =
        LocalDateTime.of(LocalDate.of(of, month, day), LocalTime.ofSecondOfDay(secondOfDay));
    return ZonedDateTime.ofLocal(local, zone, offsetNow).toEpochSecond();
  }

  /** The number of the month whose name and a space stand at {@code at}; 0 when none does. */
  private static int month(byte[] bytes, int at, int end) {
    if (end - at < 4 || bytes[at + 3] != ' ') {
      return 0;
    }
    for (int i = 0; i < MONTHS.length(); i += 3) {
      if (bytes[at] == MONTHS.charAt(i)
          && bytes[at + 1] == MONTHS.charAt(i + 1)
          && bytes[at + 2] == MONTHS.charAt(i + 2)) {
        return i / 3 + 1;
      }
    }
    return 0;
  }

  /** Whether {@code dd:dd:dd} stands at {@code at}, which is eight bytes before the end or more. */
  private static boolean isTime(byte[] bytes, int at) {
    return Digits.end(bytes, at, at + 2) == at + 2
        && bytes[at + 2] == ':'
        && Digits.end(bytes, at + 3, at + 5) == at + 5
        && bytes[at + 5] == ':'
        && Digits.end(bytes, at + 6, at + 8) == at + 8;
  }
}
