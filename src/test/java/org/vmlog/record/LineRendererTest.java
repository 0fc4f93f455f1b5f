package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LineRendererTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final long SECONDS = Instant.parse("2025-06-05T01:02:03Z").getEpochSecond();
  private static final int NANOS = 456_789_000;
  private static final int CRITICAL = 2;
  private static final SourceLabel LABEL = SourceLabel.vm("alice", "web-1", 42);
  private static final String DATA =
      "[vm@32473 owner=\"alice\" cid=\"42\" channel=\"%s\" received=\"";
  private static final String RECEIVED = "2025-06-05T03:02:04.000005+02:00\"] ";

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "RFC3164,  USER,      <13>Jun  5 03:02:03 web-1 cron[7]: go",
        "RFC3164,  KERNEL,    <5>Jun  5 03:02:03 web-1 kernel: cron[7]: go",
        "RFC3164,  VMM,       <29>Jun  5 03:02:03 web-1 cron[7]: go",
        "RFC3164,  FORWARDER, <45>Jun  5 03:02:03 web-1 cron[7]: go",
        "SYSLOG,   USER,      <13>Jun  5 03:02:03 VM(42): cron[7]: go",
        "SYSLOG,   KERNEL,    <13>Jun  5 03:02:03 VM(42): kernel: cron[7]: go",
        "SYSLOG,   VMM,       <13>Jun  5 03:02:03 VM(42): cron[7]: go",
        "CHROMEOS, USER,      Jun  5 03:02:03 <13>  VM(42):  cron[7]: go",
        "CHROMEOS, KERNEL,    Jun  5 03:02:03 <13>  VM(42):  cron[7]: go",
        "CHROMEOS, VMM,       Jun  5 03:02:03 <13>  VM(42):  cron[7]: go",
      })
  void render_eachFormatAndChannel_isAsTheContractSays(
      LineFormat format, Channel channel, String expected) {
    assertThat(render(renderer(format), entry(5, " cron[7]: go"), channel, LABEL))
        .isEqualTo(expected + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "USER,      13, user,      go",
        "KERNEL,    5,  kernel,    kernel: go",
        "VMM,       29, vmm,       go",
        "FORWARDER, 45, forwarder, go",
      })
  void render_rfc5424_hasStructuredDataByTheHost(
      Channel channel, int pri, String name, String message) {
    LineRenderer renderer = renderer(LineFormat.RFC5424);
    renderer.received(SECONDS + 1, 5_999);
    assertThat(render(renderer, entry(5, " go"), channel, LABEL))
        .isEqualTo(
            "<%d>1 2025-06-05T03:02:03.456789+02:00 web-1 - - - ".formatted(pri)
                + DATA.formatted(name)
                + RECEIVED
                + message
                + "\n");
  }

  @ParameterizedTest
  @CsvSource({"0, 8, 10", "1, 9, 10", "2, 10, 10", "3, 11, 11", "6, 14, 14", "7, 15, 15"})
  void render_severity_isClampedForSyslogAlone(int severity, int pri, int clampedPri) {
    LogEntry entry = entry(severity, "x");
    assertThat(render(renderer(LineFormat.RFC3164), entry, Channel.USER, LABEL))
        .startsWith("<" + pri + ">");
    assertThat(render(renderer(LineFormat.RFC5424), entry, Channel.USER, LABEL))
        .startsWith("<" + pri + ">1 ");
    assertThat(render(renderer(LineFormat.CHROMEOS), entry, Channel.USER, LABEL))
        .contains(" <" + pri + ">  ");
    assertThat(render(renderer(LineFormat.SYSLOG), entry, Channel.USER, LABEL))
        .startsWith("<" + clampedPri + ">");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {"||, ||", "| |, ||", "|  a |, | a |", "|a  |, |a  |"})
  void render_leadingSpaces_oneIsDropped(String content, String shown) {
    assertThat(render(renderer(LineFormat.RFC3164), entry(5, content), Channel.USER, LABEL))
        .isEqualTo("<13>Jun  5 03:02:03 web-1 " + shown + "\n");
    assertThat(render(renderer(LineFormat.CHROMEOS), entry(5, content), Channel.USER, LABEL))
        .isEqualTo("Jun  5 03:02:03 <13>  VM(42): " + content + "\n");
  }

  @ParameterizedTest
  @EnumSource(LineFormat.class)
  void render_hostileContent_staysOneLine(LineFormat format) {
    String line =
        render(renderer(format), entry(5, "a\n<0>Jan  1 00:00:00 other b\0"), Channel.USER, LABEL);
    assertThat(line).endsWith("a#012<0>Jan  1 00:00:00 other b#000\n").containsOnlyOnce("\n");
  }

  @Test
  void render_strict_escapesTheHashToo() {
    LineRenderer renderer = new LineRenderer(LineFormat.RFC3164, ScrubMode.STRICT, BERLIN, 0);
    assertThat(render(renderer, entry(5, "#1\u202e"), Channel.USER, LABEL))
        .isEqualTo("<13>Jun  5 03:02:03 web-1 #0431#{20056}\n");
  }

  @ParameterizedTest
  @CsvSource({"9223372036854775807, Dec  4 15:30:07", "-9223372036854775808, Jan 27 08:29:52"})
  void render_extremeSeconds_fold(long seconds, String time) {
    LineRenderer renderer =
        new LineRenderer(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneId.of("UTC"), 0);
    LogEntry entry = new LogEntry().set(5, seconds, Integer.MIN_VALUE, new byte[0], 0, 0);
    assertThat(render(renderer, entry, Channel.USER, LABEL)).isEqualTo("<13>" + time + " web-1 \n");
  }

  @ParameterizedTest
  @EnumSource(LineFormat.class)
  void render_everyCapacity_fitsExactlyOrLeavesTheBufferAlone(LineFormat format) {
    LineRenderer renderer = renderer(format);
    LogEntry entry = entry(5, " a\u20acb\n");
    String whole = "before\n" + render(renderer, entry, Channel.KERNEL, LABEL);
    int length = whole.getBytes(UTF_8).length;
    for (int capacity = "before\n".length(); capacity <= length + 1; capacity++) {
      LineBuffer out = new LineBuffer(capacity);
      out.put("before\n".getBytes(UTF_8));
      boolean fits = renderer.render(entry, Channel.KERNEL, LABEL, out);
      assertThat(fits).as("capacity %d of %d", capacity, length).isEqualTo(capacity >= length);
      assertThat(text(out)).isEqualTo(fits ? whole : "before\n");
    }
  }

  @Test
  void renderCut_lineThatFits_isWhole() {
    LineBuffer out = new LineBuffer(2000);
    assertThat(
            renderer(LineFormat.RFC3164)
                .renderCut(entry(5, "x".repeat(997)), Channel.USER, LABEL, 1024, out))
        .isTrue();
    assertThat(text(out))
        .isEqualTo("<13>Jun  5 03:02:03 web-1 " + "x".repeat(997) + "\n")
        .hasSize(1024);
  }

  @Test
  void renderCut_longLine_endsInTheMarkWithinTheLimit() {
    LineBuffer out = new LineBuffer(2000);
    assertThat(
            renderer(LineFormat.RFC3164)
                .renderCut(entry(5, "x".repeat(998)), Channel.USER, LABEL, 1024, out))
        .isTrue();
    assertThat(text(out))
        .isEqualTo("<13>Jun  5 03:02:03 web-1 " + "x".repeat(980) + "#[cut, 998 bytes]\n")
        .hasSize(1024);
    assertThat(out.remaining()).isEqualTo(2000 - 1024);
  }

  @Test
  void renderCut_multiByteContent_isCutOnACharacter() {
    LineBuffer out = new LineBuffer(1024);
    renderer(LineFormat.RFC3164)
        .renderCut(entry(5, "\u20ac".repeat(1000)), Channel.USER, LABEL, 1024, out);
    assertThat(text(out))
        .isEqualTo("<13>Jun  5 03:02:03 web-1 " + "\u20ac".repeat(326) + "#[cut, 3000 bytes]\n");
  }

  @Test
  void renderCut_noRoomForTheLine_leavesTheBufferAlone() {
    LineBuffer out = new LineBuffer(1025);
    out.put("ab".getBytes(UTF_8));
    assertThat(
            renderer(LineFormat.RFC3164)
                .renderCut(entry(5, "x".repeat(2000)), Channel.USER, LABEL, 1024, out))
        .isFalse();
    assertThat(text(out)).isEqualTo("ab");
  }

  @ParameterizedTest
  @EnumSource(LineFormat.class)
  void renderCut_longestHeadAndMark_fitTheSmallestLimit(LineFormat format) {
    SourceLabel longest = SourceLabel.vm("]".repeat(300), "n".repeat(100), -1);
    LineBuffer out = new LineBuffer(LineRenderer.MIN_CUT_BYTES);
    byte[] content = new byte[16 << 20];
    LogEntry entry = new LogEntry().set(7, 0, 0, content, 0, content.length);
    assertThat(
            renderer(format)
                .renderCut(entry, Channel.FORWARDER, longest, LineRenderer.MIN_CUT_BYTES, out))
        .isTrue();
    assertThat(text(out)).endsWith("#000#[cut, 16777216 bytes]\n");
  }

  @Test
  void renderCut_limitTooSmall_isRefused() {
    assertThatThrownBy(
            () ->
                renderer(LineFormat.RFC3164)
                    .renderCut(entry(5, "x"), Channel.USER, LABEL, 1023, new LineBuffer(2000)))
        .hasMessage("maxLineBytes is 1023, must be at least 1024");
  }

  private static LineRenderer renderer(LineFormat format) {
    return new LineRenderer(format, ScrubMode.STANDARD, BERLIN, CRITICAL);
  }

  private static LogEntry entry(int severity, String content) {
    byte[] bytes = content.getBytes(UTF_8);
    return new LogEntry().set(severity, SECONDS, NANOS, bytes, 0, bytes.length);
  }

  private static String render(
      LineRenderer renderer, LogEntry entry, Channel channel, SourceLabel label) {
    LineBuffer out = new LineBuffer(4096);
    assertThat(renderer.render(entry, channel, label, out)).isTrue();
    return text(out);
  }

  private static String text(LineBuffer out) {
    return new String(out.bytes(), 0, out.position(), UTF_8);
  }
}
