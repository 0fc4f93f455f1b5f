package org.vmlog.record;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Local time as RFC 3164 ({@code Mmm dd hh:mm:ss}) and RFC 5424 ({@code
 * YYYY-MM-DDThh:mm:ss.ffffff+hh:mm}) write it. The second written last is kept: records come in
 * runs of the same second, and formatting costs many times what copying does.
 *
 * <p>Any number of seconds has a time. Years 0 to 9999 are what they are; a second outside is moved
 * by whole 400-year cycles, after which the calendar repeats to the day of the week, into the cycle
 * from 1970. Confined to one thread.
 */
public final class TimestampFormatter {
  public static final int RFC3164_LENGTH = 15;
  public static final int RFC5424_LENGTH = 32;

  static final long CYCLE_SECONDS = 12_622_780_800L;

  /** 0000-01-02 and 9999-12-31, UTC: local time is then in years of four digits, in any zone. */
  private static final long FIRST_KEPT = -62_167_132_800L;

  private static final long FIRST_FOLDED = 253_402_214_400L;

  private static final int MICROS_OFFSET = 20;
  private static final int MICROS_DIGITS = 6;
  private static final byte[] MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(US_ASCII);

  private final ZoneId zone;

  private final byte[] rfc3164 = "Mmm dd hh:mm:ss".getBytes(US_ASCII);
  private long rfc3164Second;

  private final byte[] rfc5424 = "YYYY-MM-DDThh:mm:ss.ffffff+hh:mm".getBytes(US_ASCII);
  private long rfc5424Second;
  private int rfc5424Micros;

  /** Formats by the clocks of this zone. */
  public TimestampFormatter(ZoneId zone) {
    this.zone = zone;
    formatRfc3164(0);
    formatRfc5424(0);
    formatMicros(0);
  }

  /** The time as {@value #RFC3164_LENGTH} bytes, which stand until the next call. */
  public byte[] rfc3164(long seconds) {
    if (seconds != rfc3164Second) {
      formatRfc3164(seconds);
    }
    return rfc3164;
  }

  /**
   * The time as {@value #RFC5424_LENGTH} bytes, which stand until the next call. Nanoseconds
   * outside 0..999 999 999 count as 0.
   */
  public byte[] rfc5424(long seconds, int nanos) {
    if (seconds != rfc5424Second) {
      formatRfc5424(seconds);
    }
    int micros = nanos >= 0 && nanos <= 999_999_999 ? nanos / 1000 : 0;
    if (micros != rfc5424Micros) {
      formatMicros(micros);
    }
    return rfc5424;
  }

  private void formatRfc3164(long seconds) {
    long second = fold(seconds);
    LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, offset(second));
    System.arraycopy(MONTHS, 3 * (time.getMonthValue() - 1), rfc3164, 0, 3);
    putNumber(rfc3164, 4, 2, time.getDayOfMonth());
    if (rfc3164[4] == '0') {
      rfc3164[4] = ' ';
    }
    putTimeOfDay(rfc3164, 7, time);
    rfc3164Second = seconds;
  }

  /**
   * RFC 5424 knows offsets of whole minutes only. Historic local mean times are shown at theirs cut
   * to the minute, so that the text still names the very second.
   */
  private void formatRfc5424(long seconds) {
    long second = fold(seconds);
    int offsetMinutes = offset(second).getTotalSeconds() / 60;
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(second + offsetMinutes * 60L, 0, ZoneOffset.UTC);
    putNumber(rfc5424, 0, 4, time.getYear());
    putNumber(rfc5424, 5, 2, time.getMonthValue());
    putNumber(rfc5424, 8, 2, time.getDayOfMonth());
    putTimeOfDay(rfc5424, 11, time);
    rfc5424[26] = (byte) (offsetMinutes < 0 ? '-' : '+');
    putNumber(rfc5424, 27, 2, Math.abs(offsetMinutes) / 60);
    putNumber(rfc5424, 30, 2, Math.abs(offsetMinutes) % 60);
    rfc5424Second = seconds;
  }

  private void formatMicros(int micros) {
    putNumber(rfc5424, MICROS_OFFSET, MICROS_DIGITS, micros);
    rfc5424Micros = micros;
  }

  private ZoneOffset offset(long second) {
    return zone.getRules().getOffset(Instant.ofEpochSecond(second));
  }

  private static long fold(long seconds) {
    return seconds >= FIRST_KEPT && seconds < FIRST_FOLDED
        ? seconds
        : Math.floorMod(seconds, CYCLE_SECONDS);
  }

  private static void putTimeOfDay(byte[] text, int at, LocalDateTime time) {
    putNumber(text, at, 2, time.getHour());
    putNumber(text, at + 3, 2, time.getMinute());
    putNumber(text, at + 6, 2, time.getSecond());
  }

  private static void putNumber(byte[] text, int at, int digits, int value) {
    int rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
