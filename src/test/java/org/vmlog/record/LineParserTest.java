package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Seed;

class LineParserTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      delimiter = ';',
      value = {
        "<6>Nov 21 03:04:05 web-1 kernel: Booting Linux;6;0;KERNEL;kernel;||;Booting Linux;-1",
        "<14>Nov 21 03:04:05 web-1 sshd[312]: a: b;6;1;USER;sshd;312;a: b;-1",
        "<14>Nov  1 03:04:05 web-1 no tag at all;6;1;USER;||;||;no tag at all;-1",
        "<14>Nov  1 03:04:05 web-1 half[12 is no: tag;6;1;USER;||;||;half[12 is no: tag;-1",
        "<14>Nov  1 03:04:05 web-1 :no tag;6;1;USER;||;||;:no tag;-1",
        "<14>Nov  1 03:04:05 web-1 tag:;6;1;USER;tag;||;||;-1",
        "<14>Nov  1 03:04:05 web-1 ;6;1;USER;||;||;||;-1",
        "<14>Nov  1 03:04:05 web-1;6;1;USER;||;||;||;-1",
        "<30>Nov 21 03:04:05 web-1 crosvm[77]: slow;6;3;VMM;crosvm;77;slow;-1",
        "<44>Nov 21 03:04:05 web-1 forwarder: 3 records dropped (rate limit);4;5;FORWARDER;"
            + "forwarder;||;3 records dropped (rate limit);-1",
        "Nov 21 03:04:05 <15>  VM(42):  systemd[1]: Started;7;1;USER;systemd;1;Started;42",
        "Nov 21 03:04:05 <15>  VM(4294967294): plain;7;1;USER;||;||;plain;4294967294",
        "<14>1 2026-11-21T03:04:05.5Z web-1 - - - [vm@32473 owner=|a\\]\\\\\"b\\\"| cid=\"42\""
            + " channel=\"user\" received=\"x\"] sshd[3]: hi;6;1;USER;sshd;3;hi;42",
        "<14>1 2026-11-21T03:04:05Z web-1 sshd 312 - - Accepted;6;1;USER;sshd;312;Accepted;-1",
        "<14>1 2026-11-21T03:04:05Z web-1 - - - [a b=\"]\"][c d=\"\"] text;6;1;USER;||;||;text;-1",
      })
  void parse_eachFormat_findsTheParts(
      String line,
      int severity,
      int facility,
      Channel channel,
      String tag,
      String pid,
      String body,
      long cid) {
    LineView parts = parse(line.replace("|", "\""));
    assertThat(parts.severity()).isEqualTo(severity);
    assertThat(parts.facility()).isEqualTo(facility);
    assertThat(parts.channel()).isEqualTo(channel);
    assertThat(parts.tag()).isEqualTo(tag);
    assertThat(parts.pid()).isEqualTo(pid);
    assertThat(parts.body()).isEqualTo(body);
    assertThat(parts.cid()).isEqualTo(cid);
    assertThat(parts.toString()).isEqualTo(line.replace("|", "\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "<14>",
        "<14>Nov",
        "<192>Nov 21 03:04:05 web-1 x",
        "<14>Nov 31 03:04:05 web-1 x",
        "<14>1 yesterday web-1 - - - - x",
        "<14>1 2026-11-21T03:04:05Z web-1 - - - [vm x",
        "<14>1 2026-11-21T03:04:05Z web-1 - - - x",
        "<14>1 2026-11-21T03:04:05Z",
        "Nov 21 03:04:05 web-1 x",
        "Nov 21 03:04:05 <14> VM(1): x",
      })
  void parse_whatIsNone_isContentAtTheTimeOfTheLineBefore(String line) {
    LineParser parser = new LineParser(new YearRecovery(ZoneOffset.UTC, NOW));
    LineView parts = parse(parser, line);
    assertThat(parts.micros()).isEqualTo(NOW.getEpochSecond() * 1_000_000);
    assertThat(parts.content()).isEqualTo(line);
    LineView before = parse(parser, "<11>Nov 21 03:04:05 web-1 a: b");
    long micros = before.micros();
    assertThat(before.severity()).isEqualTo(3);
    LineView after = parse(parser, line);
    assertThat(after.micros()).isEqualTo(micros);
    assertThat(after.content()).isEqualTo(line);
    assertThat(after.severity()).isEqualTo(5);
    assertThat(after.cid()).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource(
      value = LineFormat.class,
      names = {"RFC3164", "RFC5424", "CHROMEOS"})
  void parse_whatTheRendererWrote_isWhatItWasGiven(LineFormat format) {
    Random random = Seed.random("parse_whatTheRendererWrote_isWhatItWasGiven");
    ZoneId zone = ZoneId.of("America/New_York");
    LineRenderer renderer = new LineRenderer(format, ScrubMode.STANDARD, zone, 0);
    LineParser parser = new LineParser(new YearRecovery(zone, NOW));
    for (int i = 0; i < 500; i++) {
      long seconds = NOW.getEpochSecond() - 500 + i;
      int severity = random.nextInt(8);
      Channel channel = Channel.values()[random.nextInt(4)];
      String text = "tag[" + random.nextInt(99_999) + "]: a<1> ]\" " + random.nextLong();
      byte[] content = (" " + text).getBytes(UTF_8);
      LineBuffer out = new LineBuffer(1024);
      LogEntry entry =
          new LogEntry().set(severity, seconds, 123_456_000, content, 0, content.length);
      assertThat(renderer.render(entry, channel, SourceLabel.vm("a\" cid=\"9\\] ", "n", 7), out))
          .isTrue();
      LineView parts = parser.parse(out.bytes(), 0, out.position() - 1);
      boolean kernel = channel == Channel.KERNEL && format != LineFormat.CHROMEOS;
      assertThat(parts.content()).isEqualTo((kernel ? "kernel: " : "") + text);
      assertThat(parts.severity()).isEqualTo(severity);
      assertThat(parts.micros())
          .isEqualTo(seconds * 1_000_000 + (format == LineFormat.RFC5424 ? 123_456 : 0));
      if (format != LineFormat.CHROMEOS) {
        assertThat(parts.channel()).isEqualTo(channel);
      }
      assertThat(parts.cid()).isEqualTo(format == LineFormat.RFC3164 ? -1 : 7);
    }
  }

  @Test
  void parse_anyBytes_neverThrowsAndLosesNone() {
    Random random = Seed.random("parse_anyBytes_neverThrowsAndLosesNone");
    String[] pieces = {
      "<14>",
      "1 ",
      "Nov 21 03:04:05 ",
      "2026-11-21T03:04:05Z ",
      "- ",
      "[vm@1 cid=\"",
      "\"",
      "]",
      "\\",
      "VM(",
      "9999999999999999999999",
      "): ",
      " ",
      "tag[",
      "12",
      "]: ",
      "\u0000",
      "\u00ff"
    };
    LineParser parser = new LineParser(new YearRecovery(ZoneOffset.UTC, NOW));
    for (int i = 0; i < 50_000; i++) {
      StringBuilder line = new StringBuilder();
      for (int n = random.nextInt(14); n > 0; n--) {
        line.append(pieces[random.nextInt(pieces.length)]);
      }
      byte[] bytes = line.toString().getBytes(ISO_8859_1);
      LineView parts = parser.parse(bytes, 0, bytes.length).copy();
      assertThat(parts.bodyFrom()).isBetween(parts.contentFrom(), bytes.length);
      assertThat(parts.content()).endsWith(parts.body());
      assertThat(parts.tag().length() + parts.pid().length()).isLessThanOrEqualTo(bytes.length);
    }
  }

  @Test
  void copy_ofALine_standsWhenTheNextIsParsed() {
    LineParser parser = new LineParser(new YearRecovery(ZoneOffset.UTC, NOW));
    byte[] both = "<14>Nov 21 03:04:05 h a[1]: x<11>Nov 21 03:04:06 h b[2]: y".getBytes(UTF_8);
    LineView first = parser.parse(both, 0, 29).copy();
    LineView second = parser.parse(both, 29, both.length).copy();
    assertThat(first.tag() + first.pid() + first.body()).isEqualTo("a1x");
    assertThat(second.tag() + second.pid() + second.body()).isEqualTo("b2y");
    assertThat(second.micros() - first.micros()).isEqualTo(1_000_000);
    assertThat(second.toString()).isEqualTo("<11>Nov 21 03:04:06 h b[2]: y");
  }

  private static LineView parse(String line) {
    return parse(new LineParser(new YearRecovery(ZoneOffset.UTC, NOW)), line);
  }

  private static LineView parse(LineParser parser, String line) {
    byte[] bytes = line.getBytes(UTF_8);
    return parser.parse(bytes, 0, bytes.length);
  }
}
