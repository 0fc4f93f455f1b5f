package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc5424ParserTest {
  private static final Instant NOW = Instant.parse("2025-06-05T12:00:00.123456789Z");

  private final Rfc5424Parser parser = new Rfc5424Parser(InstantSource.fixed(NOW));
  private final LogEntry entry = new LogEntry();

  /** RFC 5424, section 6.5. */
  @Test
  void parse_firstExample_dropsHostAndByteOrderMark() {
    assertParsed(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 -"
            + " \uFEFF'su root' failed for lonvick on /dev/pts/8",
        2,
        "2003-10-11T22:14:15.003Z",
        " su: ID47 'su root' failed for lonvick on /dev/pts/8");
  }

  @Test
  void parse_secondExample_keepsTheMessageAsItIs() {
    assertParsed(
        "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - -"
            + " %% It's time to make the do-nuts.",
        5, "2003-08-24T12:14:15.000003Z", " myproc[8710]: %% It's time to make the do-nuts.");
  }

  @Test
  void parse_thirdExample_keepsStructuredData() {
    assertParsed(
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47"
            + " [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"]"
            + " \uFEFFAn application event log entry...",
        5,
        "2003-10-11T22:14:15.003Z",
        " evntslog: ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\""
            + " eventID=\"1011\"] An application event log entry...");
  }

  @Test
  void parse_fourthExample_hasNothingButStructuredData() {
    assertParsed(
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47"
            + " [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"]"
            + "[examplePriority@32473 class=\"high\"]",
        5,
        "2003-10-11T22:14:15.003Z",
        " evntslog: ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\""
            + " eventID=\"1011\"][examplePriority@32473 class=\"high\"]");
  }

  @Test
  void parse_whatLoggerSends_readsAsWhatSyslogSends() {
    assertParsed(
        "<13>1 2026-11-21T10:55:19.216614+00:00 vm tag 77 - "
            + "[timeQuality tzKnown=\"1\" isSynced=\"0\"] hello",
        5,
        "2026-11-21T10:55:19.216614Z",
        " tag[77]: [timeQuality tzKnown=\"1\" isSynced=\"0\"] hello");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "|<0>1 - - - - - - x|,                    | x|",
        "|<0>1 - h - - - - x|,                    | x|",
        "|<0>1 - - app - - - x|,                  | app: x|",
        "|<0>1 - - - 7 - - x|,                    | -[7]: x|",
        "|<0>1 - - app 7 - -|,                    | app[7]:|",
        "|<0>1 - - - - - -|,                      ||",
        "|<0>1 - - - - - - |,                     ||",
        "|<0>1 - - - - ID - x|,                   | ID x|",
        "|<0>1 - - - - - [a b=\"]\"] x|,          | [a b=\"]\"] x|",
        "|<0>1 - - - - - [a b=\"\\\"]\"][c] x|,   | [a b=\"\\\"]\"][c] x|",
        "|<0>1 - - - - - -  x|,                   |  x|",
      })
  void parse_whatIsMissing_isLeftOut(String message, String content) {
    assertParsed(message, 0, NOW.toString(), content);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<13>",
        "<13>1",
        "<13>1 ",
        "<13>1 -",
        "<13>1 - - - - -",
        "<13>1 - - - - - ",
        "<13>1 - - - - - x",
        "<13>1 - - - - - -x",
        "<13>1 - - - -  - x",
        "<13>1  - - - - - - x",
        "<13>2 - - - - - - x",
        "<13>12 - - - - - - x",
        "1 - - - - - - x",
        "<192>1 - - - - - - x",
        "<13>1 - - a\tb - - - x",
        "<13>1 - - \u00e9 - - - x",
        "<13>1 - - - - - [a x",
        "<13>1 - - - - - [a b=\"] x",
        "<13>1 - - - - - [a]x",
        "<13>1 apple",
        "<13>1 2003-10-11 h a p m - x",
        "<13>1 2003-10-11T22:14:15 h a p m - x",
        "<13>1 2003-10-11T22:14:15.Z h a p m - x",
        "<13>1 2003-10-11T22:14:15.0000001Z h a p m - x",
        "<13>1 2003-10-11T22:14:15z h a p m - x",
        "<13>1 2003-10-11T22:14:15+0100 h a p m - x",
        "<13>1 2003-10-11T22:14:15+24:00 h a p m - x",
        "<13>1 2003-10-11T24:14:15Z h a p m - x",
        "<13>1 2003-10-11T22:14:60Z h a p m - x",
        "<13>1 2003-13-11T22:14:15Z h a p m - x",
        "<13>1 2003-02-29T22:14:15Z h a p m - x",
        "<13>1 2003-00-01T22:14:15Z h a p m - x",
        "<13>1 2003-01-00T22:14:15Z h a p m - x",
        "<13>1 03-10-11T22:14:15Z h a p m - x",
      })
  void parse_whatIsNoSuchMessage_isLeftToOthers(String message) {
    byte[] bytes = message.getBytes(UTF_8);
    assertThat(parser.parse(bytes, 0, bytes.length, entry)).isFalse();
    assertThat(entry.contentLength()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "2004-02-29T00:00:00Z,              2004-02-29T00:00:00Z",
    "1985-04-12T23:20:50.52Z,           1985-04-12T23:20:50.52Z",
    "1985-04-12T19:20:50.52-04:00,      1985-04-12T23:20:50.52Z",
    "2000-01-01T00:30:00.000001+05:30,  1999-12-31T19:00:00.000001Z",
    "0000-01-01T00:00:00Z,              0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999-23:59,  +10000-01-01T23:58:59.999999Z",
  })
  void parse_time_isThatTime(String time, String instant) {
    assertParsed("<0>1 " + time + " - - - - - x", 0, instant, " x");
  }

  @Test
  void parse_inTheMiddleOfAnArray_seesNothingElse() {
    byte[] bytes = "<13>1 - - - - - - abc".getBytes(UTF_8);
    assertThat(parser.parse(bytes, 0, bytes.length - 2, entry)).isTrue();
    assertThat(content()).isEqualTo(" a");
    assertThat(parser.parse(bytes, 0, bytes.length - 6, entry)).isFalse();
  }

  private void assertParsed(String message, int severity, String time, String content) {
    byte[] bytes = message.getBytes(UTF_8);
    assertThat(parser.parse(bytes, 0, bytes.length, entry)).isTrue();
    assertThat(content()).isEqualTo(content);
    assertThat(entry.severity()).isEqualTo(severity);
    assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isEqualTo(time);
  }

  private String content() {
    return new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), UTF_8);
  }
}
