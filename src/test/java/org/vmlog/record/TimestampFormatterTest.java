package org.vmlog.record;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vmlog.testing.Seed;

class TimestampFormatterTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @ParameterizedTest
  @CsvSource({
    // Both sides of both changes of the clocks, and of New Year.
    "2025-03-30T00:59:59Z, Mar 30 01:59:59, 2025-03-30T01:59:59.000000+01:00",
    "2025-03-30T01:00:00Z, Mar 30 03:00:00, 2025-03-30T03:00:00.000000+02:00",
    "2025-10-26T00:59:59Z, Oct 26 02:59:59, 2025-10-26T02:59:59.000000+02:00",
    "2025-10-26T01:00:00Z, Oct 26 02:00:00, 2025-10-26T02:00:00.000000+01:00",
    "2025-12-31T22:59:59Z, Dec 31 23:59:59, 2025-12-31T23:59:59.000000+01:00",
    "2025-12-31T23:00:00Z, Jan  1 00:00:00, 2026-01-01T00:00:00.000000+01:00",
    "2024-02-29T11:00:00Z, Feb 29 12:00:00, 2024-02-29T12:00:00.000000+01:00",
    "1970-01-01T00:00:00Z, Jan  1 01:00:00, 1970-01-01T01:00:00.000000+01:00",
    "1969-12-31T22:59:59Z, Dec 31 23:59:59, 1969-12-31T23:59:59.000000+01:00",
  })
  void berlin_aroundTheChanges_isLocalTime(Instant time, String rfc3164, String rfc5424) {
    assertThat(rfc3164(BERLIN, time.getEpochSecond())).isEqualTo(rfc3164);
    assertThat(rfc5424(BERLIN, time.getEpochSecond(), 0)).isEqualTo(rfc5424);
  }

  @ParameterizedTest
  @MethodSource("daysOfAMonth")
  void rfc3164_everyDay_isPaddedWithASpace(int day) {
    Instant time = Instant.parse("2025-01-%02dT07:08:09Z".formatted(day));
    assertThat(rfc3164(ZoneOffset.UTC, time.getEpochSecond()))
        .isEqualTo("Jan " + (day < 10 ? " " + day : "" + day) + " 07:08:09");
  }

  static IntStream daysOfAMonth() {
    return IntStream.rangeClosed(1, 31);
  }

  @ParameterizedTest
  @CsvSource({
    "1, Jan", "2, Feb", "3, Mar", "4, Apr", "5, May", "6, Jun",
    "7, Jul", "8, Aug", "9, Sep", "10, Oct", "11, Nov", "12, Dec"
  })
  void rfc3164_everyMonth_isEnglish(int month, String name) {
    Instant time = Instant.parse("2025-%02d-11T22:33:44Z".formatted(month));
    assertThat(rfc3164(ZoneOffset.UTC, time.getEpochSecond())).isEqualTo(name + " 11 22:33:44");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 000000",
    "999, 000000",
    "1000, 000001",
    "123456789, 123456",
    "999999999, 999999",
    "1000000000, 000000",
    "2147483647, 000000",
    "-1, 000000",
    "-2147483648, 000000",
  })
  void rfc5424_anyNanos_areMicrosecondsOrNone(int nanos, String micros) {
    assertThat(rfc5424(ZoneOffset.UTC, 0, nanos))
        .isEqualTo("1970-01-01T00:00:00." + micros + "+00:00");
  }

  @ParameterizedTest
  @CsvSource({
    // 0000-01-02 and 9999-12-30 end what is kept; what is outside falls into 1970 to 2369.
    "-62167132800, 0000-01-02T00:00:00",
    "-62167132801, 2000-01-01T23:59:59",
    "253402214399, 9999-12-30T23:59:59",
    "253402214400, 1999-12-31T00:00:00",
    "9223372036854775807, 2196-12-04T15:30:07",
    "-9223372036854775808, 2143-01-27T08:29:52",
  })
  void rfc5424_secondsOutsideFourDigitYears_foldBy400Years(long seconds, String time) {
    assertThat(rfc5424(ZoneOffset.UTC, seconds, 0)).isEqualTo(time + ".000000+00:00");
  }

  @Test
  void cycle_is400Years() {
    assertThat(TimestampFormatter.CYCLE_SECONDS).isEqualTo(400 * 365L * 86400 + 97 * 86400);
  }

  @ParameterizedTest
  @CsvSource({
    "Asia/Kolkata, 1970-01-01T05:30:00.000000+05:30",
    "America/St_Johns, 1969-12-31T20:30:00.000000-03:30",
    "Pacific/Kiritimati, 1969-12-31T13:20:00.000000-10:40",
    "+18:00, 1970-01-01T18:00:00.000000+18:00",
    "-18:00, 1969-12-31T06:00:00.000000-18:00",
  })
  void rfc5424_otherZones_haveTheirOffset(String zone, String expected) {
    assertThat(rfc5424(ZoneId.of(zone), 0, 0)).isEqualTo(expected);
  }

  @Test
  void localMeanTime_offsetWithSeconds_isCutToTheMinuteInRfc5424() {
    // Berlin was 53 minutes and 28 seconds ahead, New York 4:56:02 behind.
    long second = Instant.parse("1880-06-01T12:00:00Z").getEpochSecond();
    assertThat(rfc3164(BERLIN, second)).isEqualTo("Jun  1 12:53:28");
    assertThat(rfc5424(BERLIN, second, 0)).isEqualTo("1880-06-01T12:53:00.000000+00:53");
    assertThat(rfc5424(ZoneId.of("America/New_York"), second, 0))
        .isEqualTo("1880-06-01T07:04:00.000000-04:56");
  }

  @Test
  void format_secondsInRandomOrder_neverAnotherSecondsText() {
    Random random = Seed.random("timestamps");
    TimestampFormatter formatter = new TimestampFormatter(BERLIN);
    DateTimeFormatter rfc3164 = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);
    DateTimeFormatter rfc5424 = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxxx");
    long seconds = 0;
    for (int i = 0; i < 50_000; i++) {
      if (random.nextBoolean()) {
        seconds = random.nextLong(-2_000_000_000L, 5_000_000_000L);
      }
      int nanos = random.nextInt(1_000_000_000);
      OffsetDateTime time = Instant.ofEpochSecond(seconds, nanos).atZone(BERLIN).toOffsetDateTime();
      assertThat(new String(formatter.rfc3164(seconds), US_ASCII)).isEqualTo(time.format(rfc3164));
      assertThat(new String(formatter.rfc5424(seconds, nanos), US_ASCII))
          .isEqualTo(time.format(rfc5424));
    }
  }

  private static String rfc3164(ZoneId zone, long seconds) {
    return new String(new TimestampFormatter(zone).rfc3164(seconds), US_ASCII);
  }

  private static String rfc5424(ZoneId zone, long seconds, int nanos) {
    return new String(new TimestampFormatter(zone).rfc5424(seconds, nanos), US_ASCII);
  }
}
