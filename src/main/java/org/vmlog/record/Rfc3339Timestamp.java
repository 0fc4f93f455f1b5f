package org.vmlog.record;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Parses RFC 5424's {@code TIMESTAMP}, section 6.2.3, {@code 1985-04-12T23:20:50.52Z}, and what
 * programs make of it: a fraction behind a comma or of any number of digits, of which nine count, a
 * small {@code z}, a zone without its colon or its minutes, and the 60th second. Confined to one
 * thread.
 */
final class Rfc3339Timestamp {
  private static final int DATE_AND_TIME = "1985-04-12T23:20:50".length();
  private static final int NANOS_DIGITS = 9;

  private long seconds;
  private int nanos;

  /** The time that {@link #parse} found last, in seconds since the epoch. */
  long seconds() {
    return seconds;
  }

  /** Nanoseconds within that second. */
  int nanos() {
    return nanos;
  }

  /** Whether {@code yyyy-mm-ddT} begins at {@code from}, of whatever day. */
  static boolean isDate(byte[] bytes, int from, int end) {
    return matches(bytes, from, end, "dddd-dd-ddT");
  }

  /** Parses the time at {@code from}; answers where it ends, {@code from} when there is none. */
  int parse(byte[] bytes, int from, int end) {
    if (!matches(bytes, from, end, "dddd-dd-ddTdd:dd:dd") || !parseDateAndTime(bytes, from)) {
      return from;
    }
    int zone = parseFraction(bytes, from + DATE_AND_TIME, end);
    int zoneEnd = zone == end ? zone : parseZone(bytes, zone, end);
    return zoneEnd == zone ? from : zoneEnd;
  }

  private boolean parseDateAndTime(byte[] bytes, int at) {
    int year = Digits.value(bytes, at, at + 4);
    int month = Digits.value(bytes, at + 5, at + 7);
    int day = Digits.value(bytes, at + 8, at + 10);
    int hour = Digits.value(bytes, at + 11, at + 13);
    int minute = Digits.value(bytes, at + 14, at + 16);
    int second = Digits.value(bytes, at + 17, at + 19);
    if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) {
      return false;
    }
    if (day < 1 || day > YearMonth.of(year, month).lengthOfMonth()) {
      return false;
    }
    int ofDay = hour * 3600 + minute * 60 + second;
    seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400 + ofDay;
    return true;
  }

  private int parseFraction(byte[] bytes, int at, int end) {
    int fractionEnd = fractionEnd(bytes, at, end);
    nanos = nanos(bytes, at, fractionEnd);
    return fractionEnd;
  }

  /** Where {@code .ddd} or {@code ,ddd} ends; {@code at} when there is none. */
  static int fractionEnd(byte[] bytes, int at, int end) {
    if (at == end || (bytes[at] != '.' && bytes[at] != ',')) {
      return at;
    }
    int digitsEnd = Digits.end(bytes, at + 1, end);
    return digitsEnd == at + 1 ? at : digitsEnd;
  }

  /** What such a fraction is, in nanoseconds; 0 when it is empty. */
  static int nanos(byte[] bytes, int from, int fractionEnd) {
    int digits = Math.min(NANOS_DIGITS, fractionEnd - from - 1);
    int nanos = digits > 0 ? Digits.value(bytes, from + 1, from + 1 + digits) : 0;
    for (int place = Math.max(digits, 0); place < NANOS_DIGITS; place++) {
      nanos *= 10;
    }
    return nanos;
  }

  /** Where the zone ends; {@code at} when there is none. */
  private int parseZone(byte[] bytes, int at, int end) {
    if (bytes[at] == 'Z' || bytes[at] == 'z') {
      return at + 1;
    }
    int sign = bytes[at] == '+' ? 1 : bytes[at] == '-' ? -1 : 0;
    if (sign == 0 || !matches(bytes, at + 1, end, "dd")) {
      return at;
    }
    int minutesAt = at + 3;
    if (matches(bytes, minutesAt, end, ":dd")) {
      minutesAt++;
    }
    boolean hoursAlone = !matches(bytes, minutesAt, end, "dd");
    int hours = Digits.value(bytes, at + 1, at + 3);
    int minutes = hoursAlone ? 0 : Digits.value(bytes, minutesAt, minutesAt + 2);
    if (hours > 23 || minutes > 59) {
      return at;
    }
    seconds -= sign * (hours * 3600L + minutes * 60L);
    return hoursAlone ? minutesAt : minutesAt + 2;
  }

  /** Whether the bytes at {@code at} are the pattern's, in which {@code d} is any digit. */
  private static boolean matches(byte[] bytes, int at, int end, String pattern) {
    if (end - at < pattern.length()) {
      return false;
    }
    for (int i = 0; i < pattern.length(); i++) {
      char wanted = pattern.charAt(i);
      byte b = bytes[at + i];
      if (wanted == 'd' ? b < '0' || b > '9' : b != wanted) {
        return false;
      }
    }
    return true;
  }
}
