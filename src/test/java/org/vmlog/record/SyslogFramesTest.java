package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyslogFramesTest {
  private final SyslogFrames frames = new SyslogFrames();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1000})
  void next_newlines_endMessages(int size) {
    assertThat(messages("<13>Oct 11 22:14:15 h su: a\r\n\n<34>1 - - - - - - b\nc", size))
        .containsExactly("<13>Oct 11 22:14:15 h su: a", "<34>1 - - - - - - b", "c");
  }

  /** As rsyslog and syslog-ng send them, of which one counts its LF. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1000})
  void next_counts_endMessages(int size) {
    assertThat(messages("5 <13>a9 <13>b\nc\nd6 <13>e\n\n5 <13>f4 <13>", size))
        .containsExactly("<13>a", "<13>b\nc\nd", "<13>e", "<13>f", "<13>");
    assertThat(frames.isBroken()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"5 <13>ax", "5 <13>a-1 b", "5 <13>a05 <13>b", "5 <13>a1234567890 b"})
  void next_lengthThatIsNone_endsTheStream(String said) {
    assertThat(messages(said + " <13>more\n", 7)).containsExactly("<13>a");
    assertThat(frames.isBroken()).isTrue();
  }

  @Test
  void next_messageThatIsTooLong_isCutBetweenCharacters() {
    String whole = "x".repeat(SyslogFrames.MAX_BYTES);
    String over = "x" + "\u20ac".repeat(30_000);
    String cut = "x" + "\u20ac".repeat((SyslogFrames.MAX_BYTES - 1) / 3) + "#[cut]";
    for (int size : new int[] {7, 65_535, 65_536, 1 << 20}) {
      assertThat(messages(whole + "\n" + over + "\nnext\n", size))
          .containsExactly(whole, cut, "next");
    }
    SyslogFrames counted = new SyslogFrames();
    assertThat(messages(counted, "90001 " + over + "5 <13>a", 1000)).containsExactly(cut, "<13>a");
  }

  @Test
  void end_messageWithoutEnd_isGivenOnce() {
    byte[] bytes = "9 <13>".getBytes(UTF_8);
    frames.feed(bytes, 0, bytes.length);
    assertThat(frames.next()).isFalse();
    assertThat(frames.end()).isTrue();
    assertThat(new String(frames.bytes(), frames.offset(), frames.length(), UTF_8))
        .isEqualTo("<13>");
    assertThat(frames.end()).isFalse();
  }

  private List<String> messages(String said, int size) {
    return messages(frames, said, size);
  }

  private static List<String> messages(SyslogFrames frames, String said, int size) {
    byte[] bytes = said.getBytes(UTF_8);
    List<String> got = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += size) {
      frames.feed(bytes, at, Math.min(bytes.length, at + size));
      while (frames.next()) {
        got.add(new String(frames.bytes(), frames.offset(), frames.length(), UTF_8));
      }
    }
    if (frames.end()) {
      got.add(new String(frames.bytes(), frames.offset(), frames.length(), UTF_8));
    }
    return got;
  }
}
