package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileLineTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final long SECONDS = NOW.getEpochSecond() - 3600;
  private static final int MICROS = 123_456_000;

  private final FileLine line = new FileLine(ZoneOffset.UTC, InstantSource.fixed(NOW));

  @ParameterizedTest
  @EnumSource(
      value = LineFormat.class,
      names = {"RFC3164", "RFC5424", "CHROMEOS"})
  void parse_whatWasRendered_theSame(LineFormat format) {
    for (Channel channel : Channel.values()) {
      for (int severity = 0; severity < 8; severity++) {
        // The owner tries to be taken for the CID.
        SourceLabel label = SourceLabel.vm("a\" cid=\"7\\] ", "web 1", 4_294_967_290L);
        byte[] content = " app[1]: <3>x [y] \"z\" café".getBytes(UTF_8);
        LogEntry entry = new LogEntry().set(severity, SECONDS, MICROS, content, 0, content.length);
        LineBuffer out = new LineBuffer(1024);
        LineRenderer renderer = new LineRenderer(format, ScrubMode.STANDARD, ZoneOffset.UTC, 0);
        assertThat(renderer.render(entry, channel, label, out)).isTrue();

        line.parse(out.bytes(), 0, out.position() - 1);
        boolean chromeos = format == LineFormat.CHROMEOS;
        assertThat(line.severity()).isEqualTo(severity);
        assertThat(line.facility()).isEqualTo(chromeos ? 1 : channel.facility());
        assertThat(line.isTimed()).isTrue();
        assertThat(line.seconds()).isEqualTo(SECONDS);
        assertThat(line.nanos()).isEqualTo(format == LineFormat.RFC5424 ? MICROS : 0);
        assertThat(line.cid())
            .isEqualTo(format == LineFormat.RFC3164 ? FileLine.NO_CID : 4_294_967_290L);
        String kernel = channel == Channel.KERNEL && !chromeos ? "kernel: " : "";
        assertThat(content(out.bytes()))
            .isEqualTo(kernel + (chromeos ? " " : "") + "app[1]: <3>x [y] \"z\" café");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no syslog",
        "<13>",
        "<999>Mar  1 11:00:00 web x",
        "<13>Mar 99 11:00:00 web x",
        "<13>1 now web - - - - x",
        "<13>1 2026-03-01T11:00:00Z web - -",
        "Mar  1 11:00:00 web x",
      })
  void parse_whatNobodyRendered_contentAsAWhole(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    line.parse(bytes, 0, bytes.length);
    assertThat(content(bytes)).isEqualTo(text);
    assertThat(line.isTimed()).isFalse();
    assertThat(line.severity()).isEqualTo(5);
    assertThat(line.cid()).isEqualTo(FileLine.NO_CID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<14>Mar  1 11:00:00", "<14>Mar  1 11:00:00 ", "<14>Mar  1 11:00:00 web"})
  void parse_lineThatEndsEarly_noContent(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    line.parse(bytes, 0, bytes.length);
    assertThat(content(bytes)).isEmpty();
    assertThat(line.seconds()).isEqualTo(SECONDS);
  }

  private String content(byte[] bytes) {
    return new String(bytes, line.contentOffset(), line.contentLength(), UTF_8);
  }
}
