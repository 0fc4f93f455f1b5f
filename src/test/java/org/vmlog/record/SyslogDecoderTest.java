package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.record.StreamDecoder.Step;

class SyslogDecoderTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

  private final SyslogDecoder decoder = new SyslogDecoder(ZoneOffset.UTC, InstantSource.fixed(NOW));
  private final LogEntry entry = new LogEntry();

  @Test
  void next_bothFormats_areRecords() throws Exception {
    feed(
        "<11>Nov 30 11:59:58 su: no\n"
            + "<28>1 2026-11-30T11:59:59.5Z host app 42 ID [a b=\"c\"] yes\n"
            + "bare\n");
    assertThat(steps())
        .containsExactly(
            "RECORD 3 2026-11-30T11:59:58Z  su: no",
            "RECORD 4 2026-11-30T11:59:59.500Z  app[42]: ID [a b=\"c\"] yes",
            "RECORD 5 2026-11-30T12:00:00Z bare");
    assertThat(decoder.channel()).isEqualTo(Channel.USER);
  }

  @Test
  void next_nothingButAHead_isSilent() throws Exception {
    feed("<13>\n<13>a\n");
    assertThat(steps()).containsExactly("SILENT", "RECORD 5 2026-11-30T12:00:00Z a");
  }

  @Test
  void next_tooLong_isCut() throws Exception {
    feed("<13>" + "x".repeat(SyslogFrames.MAX_BYTES) + "\n");
    assertThat(decoder.next(entry)).isEqualTo(Step.CUT_RECORD);
    assertThat(decoder.next(entry)).isEqualTo(Step.MORE);
  }

  @Test
  void shed_unfinishedMessage_isLostAndTheNextIsNot() throws Exception {
    feed("<13>a\n<13>the beginn");
    assertThat(steps()).containsExactly("RECORD 5 2026-11-30T12:00:00Z a");
    assertThat(decoder.heldBytes()).isPositive();
    decoder.shed();
    assertThat(decoder.heldBytes()).isZero();
    feed("ing\n<13>b\n");
    assertThat(steps()).containsExactly("LOST", "RECORD 5 2026-11-30T12:00:00Z b");
  }

  @Test
  void next_noLength_isMalformed() throws Exception {
    feed("5 <13>aGET / HTTP/1.1");
    assertThat(decoder.next(entry)).isEqualTo(Step.RECORD);
    assertThatThrownBy(() -> decoder.next(entry))
        .isInstanceOf(MalformedStreamException.class)
        .hasMessage(
            "a message that began with its length was followed by no other length (RFC 6587)");
  }

  @Test
  void end_unfinishedMessage_isARecord() throws Exception {
    feed("<13>a");
    assertThat(steps()).isEmpty();
    assertThat(decoder.end()).isFalse();
    assertThat(steps()).containsExactly("RECORD 5 2026-11-30T12:00:00Z a");
  }

  private void feed(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    decoder.feed(bytes, 0, bytes.length);
  }

  private List<String> steps() throws MalformedStreamException {
    List<String> steps = new ArrayList<>();
    for (Step step = decoder.next(entry); step != Step.MORE; step = decoder.next(entry)) {
      String content =
          new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), UTF_8);
      Instant time = Instant.ofEpochSecond(entry.seconds(), entry.nanos());
      steps.add(
          step == Step.RECORD
              ? step + " " + entry.severity() + " " + time + " " + content
              : "" + step);
    }
    return steps;
  }
}
