package org.vmlog.guest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.record.Channel.USER;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.record.SyslogParser;
import org.vmlog.record.SyslogParser.Sender;

class MessageFramerTest {
  private final RecordBuffer buffer = Records.buffer(2048);
  private final MessageFramer.Workspace workspace =
      new MessageFramer.Workspace(
          new SyslogMessages(
              buffer, new SyslogParser(Sender.LOCAL, ZoneOffset.UTC), InstantSource.system()));
  private final MessageFramer framer = new MessageFramer(workspace);

  @Test
  void accept_whatGlibcSends_endsAtTheNul() {
    accept("<13>a\nb\0<14>c\0");
    assertThat(taken()).containsExactly("5 a\nb", "6 c");
  }

  @Test
  void accept_whatLoggerSends_endsAtTheNewlineInFrontOfAPriority() {
    accept("<13>a\n<14>b\nc\n<15>d\n");
    assertThat(taken()).containsExactly("5 a", "6 b\nc", "7 d");
  }

  @Test
  void accept_textThatLooksLikeAnotherMessage_isSplitWhereTheFramingSaysSo() {
    accept("<11>app[1]: <a>\n<b>\n</b>\n<13>c\n\0<14>next\0");
    assertThat(taken()).containsExactly("3 app[1]: <a>\n<b>\n</b>\n<13>c", "6 next");
    accept("<11>a\n<13>b");
    accept("\nc\0");
    assertThat(taken()).containsExactly("3 a\n<13>b\nc");
  }

  @Test
  void accept_aLineThatBeginsWithABracket_isOfTheMessageBeforeIt() {
    accept("<11>logger: <a>\n<b>\n</b>\n<192>x\n<14>next\n");
    assertThat(taken()).containsExactly("3 logger: <a>\n<b>\n</b>\n<192>x", "6 next");
  }

  @Test
  void accept_aPriorityInPiecesBehindANewline_isOfAnotherMessage() {
    accept("<13>a\n<1");
    accept("4>b\n");
    assertThat(taken()).containsExactly("5 a", "6 b");
  }

  @Test
  void accept_linesWithoutPriority_areAMessageEach() {
    accept("a\nb\n<14>c\n");
    assertThat(taken()).containsExactly("5 a", "5 b", "6 c");
  }

  @Test
  void accept_inPieces_isTheSameMessage() {
    for (String piece : List.of("<1", "4>he", "llo", "\0<1", "5>x\n")) {
      accept(piece);
    }
    assertThat(taken()).containsExactly("6 hello", "7 x");
  }

  @Test
  void accept_emptyMessages_areNone() {
    accept("\0\0\n\n<14>\0a\0\n");
    assertThat(taken()).containsExactly("5 a");
  }

  @Test
  void end_withoutAnEndOfTheMessage_takesItAsItIs() {
    accept("<14>last words");
    assertThat(taken()).isEmpty();
    framer.end();
    assertThat(taken()).containsExactly("6 last words");
    framer.end();
    assertThat(taken()).isEmpty();
  }

  @Test
  void accept_moreThanAMessageMayBe_isCutAndGoesOnWithTheNext() {
    String most = "<14>" + "x".repeat(SyslogParser.MAX_BYTES - 4);
    accept(most + "\0");
    accept(most + "y");
    accept("y".repeat(100_000));
    accept("\0<15>next\0");
    assertThat(taken())
        .containsExactly("6 " + most.substring(4), "6 " + most.substring(4) + "#[cut]", "7 next");
  }

  @Test
  void accept_unfinishedOnManyStreams_isBoundedTogether() {
    String unfinished = "<14>" + "x".repeat(60_000);
    for (int i = 0; i < 30; i++) {
      MessageFramer one = new MessageFramer(workspace);
      one.accept(bytes(unfinished));
      one.accept(bytes("y"));
    }
    assertThat(taken()).hasSize(30 - (1 << 20) / 60_000);
  }

  private void accept(String text) {
    framer.accept(bytes(text));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
  }

  private List<String> taken() {
    return Records.drain(buffer, USER);
  }
}
