package org.vmlog.record;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.Year;
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

  private final ZoneId zone;
  private int month;
  private int day;
  private int secondOfDay;
  private long seconds;

  // Of what the seconds are: many lines are of one second, and the calendar takes longest.
  private int secondsDate;
  private int secondsTime;
  private long secondsNow = Long.MIN_VALUE;

  BsdTimestamp(ZoneId zone) {
    this.zone = zone;
  }

  /** The time that {@link #parse} found last, in seconds since the epoch. */
  long seconds() {
    return seconds;
  }

  /**
   * Parses the time at {@code from}.
   *
   * @param now by the host's clock, in seconds since the epoch
   * @return where it ends; {@code from} when there is none
   */
  int parse(byte[] bytes, int from, int end, long now) {
    int after = parseFields(bytes, from, end);
    if (after > from && !isKnown(now)) {
      seconds = nearest(now);
      secondsDate = date();
      secondsTime = secondOfDay;
      secondsNow = now;
    }
    return after;
  }

  private boolean isKnown(long now) {
    return now == secondsNow && secondOfDay == secondsTime && date() == secondsDate;
  }

  private int date() {
    return month << 5 | day;
  }

  /** Parses the time at {@code from} as {@link #parse} does, and leaves its year to the caller. */
  int parseFields(byte[] bytes, int from, int end) {
    month = month(bytes, from, end);
    if (month == 0) {
      return from;
    }
    int dayAt = from + 4;
    if (dayAt < end && bytes[dayAt] == ' ') {
      dayAt++;
    }
    int dayEnd = Digits.end(bytes, dayAt, Math.min(end, dayAt + 2));
    int timeAt = dayEnd + 1;
    if (dayEnd == dayAt || end - dayEnd < 9 || !isTime(bytes, timeAt) || bytes[dayEnd] != ' ') {
      return from;
    }
    day = Digits.value(bytes, dayAt, dayEnd);
    int hour = Digits.value(bytes, timeAt, timeAt + 2);
    int minute = Digits.value(bytes, timeAt + 3, timeAt + 5);
    int second = Digits.value(bytes, timeAt + 6, timeAt + 8);
    if (day < 1 || day > Month.of(month).maxLength() || hour > 23 || minute > 59 || second > 59) {
      return from;
    }
    secondOfDay = hour * 3600 + minute * 60 + second;
    return timeAt + 8;
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

  private long nearest(long now) {
    ZoneOffset offsetNow = zone.getRules().getOffset(Instant.ofEpochSecond(now));
    int yearNow = LocalDateTime.ofEpochSecond(now, 0, offsetNow).getYear();
    boolean leapDay = month == 2 && day == 29;
    int reach = leapDay ? LEAP_DAY_REACH : 1;
    long nearest = 0;
    long distance = Long.MAX_VALUE;
    for (int year = yearNow - reach; year <= yearNow + reach; year++) {
      if (leapDay && !Year.isLeap(year)) {
        continue;
      }
      LocalDateTime local =
          LocalDateTime.of(LocalDate.of(year, month, day), LocalTime.ofSecondOfDay(secondOfDay));
      // When clocks go back an hour comes twice: the one with today's offset is meant.
      long candidate = ZonedDateTime.ofLocal(local, zone, offsetNow).toEpochSecond();
      if (Math.abs(candidate - now) < distance) {
        distance = Math.abs(candidate - now);
        nearest = candidate;
      }
    }
    return nearest;
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
