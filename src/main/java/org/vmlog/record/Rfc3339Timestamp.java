package org.vmlog.record;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * Parses RFC 5424's {@code TIMESTAMP}, section 6.2.3: {@code 1985-04-12T23:20:50.52Z}, with at most
 * six digits of a fraction and {@code Z} or {@code +hh:mm}. Confined to one thread.
 */
final class Rfc3339Timestamp {
  private static final int DATE_AND_TIME = "1985-04-12T23:20:50".length();
  private static final int OFFSET = "+01:00".length();
  private static final int MAX_FRACTION_DIGITS = 6;

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

  /** Whether {@code [from, end)} is a time and nothing else. */
  boolean parse(byte[] bytes, int from, int end) {
    int afterTime = from + DATE_AND_TIME;
    if (afterTime >= end
        || !matches(bytes, from, "dddd-dd-ddTdd:dd:dd")
        || !parseDateAndTime(bytes, from)) {
      return false;
    }
    int zone = parseFraction(bytes, afterTime, end);
    return zone != 0 && parseZone(bytes, zone, end);
  }

  private boolean parseDateAndTime(byte[] bytes, int at) {
    int year = Digits.value(bytes, at, at + 4);
    int month = Digits.value(bytes, at + 5, at + 7);
    int day = Digits.value(bytes, at + 8, at + 10);
    int hour = Digits.value(bytes, at + 11, at + 13);
    int minute = Digits.value(bytes, at + 14, at + 16);
    int second = Digits.value(bytes, at + 17, at + 19);
    if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) {
      return false;
    }
    if (day < 1 || day > YearMonth.of(year, month).lengthOfMonth()) {
      return false;
    }
    int ofDay = hour * 3600 + minute * 60 + second;
    seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400 + ofDay;
    return true;
  }

  /** Where the fraction ends, if there is one; 0 when it is none. */
  private int parseFraction(byte[] bytes, int at, int end) {
    nanos = 0;
    if (bytes[at] != '.') {
      return at;
    }
    int digitsEnd = Digits.end(bytes, at + 1, Math.min(end, at + 1 + MAX_FRACTION_DIGITS));
    if (digitsEnd == at + 1 || digitsEnd == end) {
      return 0;
    }
    nanos = Digits.value(bytes, at + 1, digitsEnd);
    for (int digits = digitsEnd - at - 1; digits < 9; digits++) {
      nanos *= 10;
    }
    return digitsEnd;
  }

  private boolean parseZone(byte[] bytes, int at, int end) {
    if (bytes[at] == 'Z') {
      return at + 1 == end;
    }
    int sign = bytes[at] == '+' ? 1 : bytes[at] == '-' ? -1 : 0;
    if (sign == 0 || at + OFFSET != end || !matches(bytes, at + 1, "dd:dd")) {
      return false;
    }
    int hours = Digits.value(bytes, at + 1, at + 3);
    int minutes = Digits.value(bytes, at + 4, at + 6);
    if (hours > 23 || minutes > 59) {
      return false;
    }
    seconds -= sign * (hours * 3600L + minutes * 60L);
    return true;
  }

  /** Whether the bytes at {@code at} are the pattern's, in which {@code d} is any digit. */
  private static boolean matches(byte[] bytes, int at, String pattern) {
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
