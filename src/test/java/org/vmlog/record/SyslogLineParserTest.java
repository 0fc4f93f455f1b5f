package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.testing.Seed;

class SyslogLineParserTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Instant NOW = Instant.parse("2025-06-05T12:00:00.123456789Z");

  private final LogEntry entry = new LogEntry();

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "|<13>Jun  5 13:59:58 crosvm[7]: go|,  5, 2025-06-05T11:59:58Z, | crosvm[7]: go|",
        "|<0>Jun  5 13:59:58 x|,               0, 2025-06-05T11:59:58Z, | x|",
        "|<191>Jun 15 13:59:58 x|,             7, 2025-06-15T11:59:58Z, | x|",
        "|<27>Jun 5 13:59:58 x|,               3, 2025-06-05T11:59:58Z, | x|",
        "|<27>Jun 05 13:59:58 x|,              3, 2025-06-05T11:59:58Z, | x|",
        "|<27>Jun  5 13:59:58: x|,             3, 2025-06-05T11:59:58Z, |: x|",
        "|<27>Jun  5 13:59:58|,                3, none,                 ||",
        "|Jun  5 13:59:58 x|,                  5, 2025-06-05T11:59:58Z, | x|",
      })
  void parse_priorityAndTime_areTakenOff(String line, int severity, String time, String content) {
    assertThat(parse(line, NOW)).isEqualTo(!time.equals("none"));
    assertThat(entry.severity()).isEqualTo(severity);
    assertThat(content()).isEqualTo(content);
    if (!time.equals("none")) {
      assertThat(Instant.ofEpochSecond(entry.seconds())).isEqualTo(time);
      assertThat(entry.nanos()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "|x|,                         5, |x|",
        "|<12>x|,                     4, |x|",
        "|<012>x|,                    4, |x|",
        "|<192>x|,                    5, |<192>x|",
        "|<999>Jun  5 13:59:58 x|,    5, |<999>Jun  5 13:59:58 x|",
        "|<0012>x|,                   5, |<0012>x|",
        "|<>x|,                       5, |<>x|",
        "|<|,                         5, |<|",
        "|<1|,                        5, |<1|",
        "|<12|,                       5, |<12|",
        "|<-1>x|,                     5, |<-1>x|",
        "|<1 >x|,                     5, |<1 >x|",
        "|<1><2>x|,                   1, |<2>x|",
        "|<12>Jun   5 13:59:58 x|,    4, |Jun   5 13:59:58 x|",
        "|<12>Jun  0 13:59:58 x|,     4, |Jun  0 13:59:58 x|",
        "|<12>Jun 31 13:59:58 x|,     4, |Jun 31 13:59:58 x|",
        "|<12>Feb 30 13:59:58 x|,     4, |Feb 30 13:59:58 x|",
        "|<12>Jun 005 13:59:58 x|,    4, |Jun 005 13:59:58 x|",
        "|<12>Jun  5 24:00:00 x|,     4, |Jun  5 24:00:00 x|",
        "|<12>Jun  5 13:60:00 x|,     4, |Jun  5 13:60:00 x|",
        "|<12>Jun  5 13:59:60 x|,     4, |Jun  5 13:59:60 x|",
        "|<12>Jun  5 13:59:5|,        4, |Jun  5 13:59:5|",
        "|<12>Jun  5 1:59:58 x|,      4, |Jun  5 1:59:58 x|",
        "|<12>Jun  5 13.59.58 x|,     4, |Jun  5 13.59.58 x|",
        "|<12>Jun  5T13:59:58 x|,     4, |Jun  5T13:59:58 x|",
        "|<12>Jux  5 13:59:58 x|,     4, |Jux  5 13:59:58 x|",
        "|<12> Jun  5 13:59:58 x|,    4, | Jun  5 13:59:58 x|",
        "|<12>Jun|,                   4, |Jun|",
        "|<12>Jun |,                  4, |Jun |",
        "|<12>Jun  |,                 4, |Jun  |",
        "|<12>Jun  5|,                4, |Jun  5|",
        "|<12>2025-06-05T13:59:58Z x|,4, |2025-06-05T13:59:58Z x|",
      })
  void parse_whatIsNoPriorityOrTime_isContentOfNow(String line, int severity, String content) {
    assertThat(parse(line, NOW)).isTrue();
    assertThat(entry.severity()).isEqualTo(severity);
    assertThat(content()).isEqualTo(content);
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(NOW);
  }

  @ParameterizedTest
  @CsvSource({"''", "<13>", "<13>Jun  5 13:59:58"})
  void parse_nothingLeft_isIgnored(String line) {
    assertThat(parse(line, NOW)).isFalse();
  }

  @Test
  void parse_nulAndNewline_areContent() {
    assertThat(parse("<13>Jun  5 13:59:58 a\0b\n\0", NOW)).isTrue();
    assertThat(content()).isEqualTo(" a\0b\n\0");
  }

  @ParameterizedTest
  @CsvSource({
    // now, time without a year, the time that is meant
    "2026-01-01T00:00:10Z, Dec 31 23:59:50, 2025-12-31T22:59:50Z",
    "2025-12-31T22:00:00Z, Jan  1 00:00:10, 2025-12-31T23:00:10Z",
    "2025-12-31T23:30:00Z, Jan  1 00:30:00, 2025-12-31T23:30:00Z",
    "2025-06-05T12:00:00Z, Dec  1 00:00:00, 2025-11-30T23:00:00Z",
    "2025-06-05T12:00:00Z, Dec 10 00:00:00, 2024-12-09T23:00:00Z",
    "2024-02-29T12:00:00Z, Feb 29 13:00:00, 2024-02-29T12:00:00Z",
    "2025-03-01T12:00:00Z, Feb 29 13:00:00, 2024-02-29T12:00:00Z",
    "2026-12-01T12:00:00Z, Feb 29 13:00:00, 2028-02-29T12:00:00Z",
    "2100-03-01T12:00:00Z, Feb 29 13:00:00, 2104-02-29T12:00:00Z",
    "2100-02-01T12:00:00Z, Feb 29 13:00:00, 2096-02-29T12:00:00Z",
    // The hour that comes twice, asked in its first and in its second run; the one that never does.
    "2025-10-26T00:30:00Z, Oct 26 02:30:00, 2025-10-26T00:30:00Z",
    "2025-10-26T01:30:00Z, Oct 26 02:30:00, 2025-10-26T01:30:00Z",
    "2025-03-30T01:00:00Z, Mar 30 02:30:00, 2025-03-30T01:30:00Z",
  })
  void parse_timeWithoutYear_isTheNearestToNow(Instant now, String time, Instant meant) {
    assertThat(parse("<13>" + time + " x", now)).isTrue();
    assertThat(Instant.ofEpochSecond(entry.seconds())).isEqualTo(meant);
  }

  @Test
  void parse_partOfABuffer_readsNothingBeyondIt() {
    byte[] datagram = "zz<13>Jun  5 13:59:58 abzz".getBytes(UTF_8);
    SyslogLineParser parser = new SyslogLineParser(BERLIN, InstantSource.fixed(NOW));
    for (int length = 0; length <= datagram.length - 4; length++) {
      boolean content = parser.parse(datagram, 2, length, entry);
      assertThat(content).isEqualTo(entry.contentLength() > 0);
      assertThat(entry.contentOffset() + entry.contentLength()).isEqualTo(2 + length);
    }
    assertThat(content()).isEqualTo(" ab");
  }

  @Test
  void parse_randomBytes_neverThrows() {
    Random random = Seed.random("syslog line");
    SyslogLineParser parser = new SyslogLineParser(BERLIN, InstantSource.fixed(NOW));
    byte[] line = "<13>Feb 29 13:59:58 x".getBytes(UTF_8);
    for (int i = 0; i < 200_000; i++) {
      byte[] mutated = line.clone();
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        mutated[random.nextInt(mutated.length)] =
            random.nextBoolean() ? line[random.nextInt(line.length)] : (byte) random.nextInt(256);
      }
      int length = random.nextInt(mutated.length + 1);
      parser.parse(mutated, 0, length, entry);
      assertThat(entry.contentOffset() + entry.contentLength()).isEqualTo(length);
      assertThat(entry.severity()).isBetween(0, 7);
    }
  }

  private boolean parse(String line, Instant now) {
    byte[] bytes = line.getBytes(UTF_8);
    return new SyslogLineParser(BERLIN, InstantSource.fixed(now))
        .parse(bytes, 0, bytes.length, entry);
  }

  private String content() {
    return new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), UTF_8);
  }
}
