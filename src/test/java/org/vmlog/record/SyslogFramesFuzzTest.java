package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;

/** Any bytes in pieces of any size: the messages that a simple reader of all of them finds. */
public class SyslogFramesFuzzTest {
  private static final int MUTANTS = 100_000;

  @Test
  void next_anyBytes_areMessages() throws Exception {
    Corpus.of(getClass()).check(SyslogFramesFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    int size = 1 + input.nextByte();
    byte[] said = input.rest();
    String text = new String(said, ISO_8859_1);
    boolean counted = !text.isEmpty() && "123456789".indexOf(text.charAt(0)) >= 0;
    assertThat(messages(said, size)).isEqualTo(counted ? counted(text) : lines(text));
  }

  private static List<String> lines(String text) {
    List<String> messages = new ArrayList<>();
    for (String line : text.split("\n")) {
      add(line, messages);
    }
    return messages;
  }

  private static List<String> counted(String text) {
    List<String> messages = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      if ("\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
        continue;
      }
      int space = text.indexOf(' ', at);
      String digits = text.substring(at, space < 0 ? text.length() : space);
      if (space < 0 || !digits.matches("[1-9][0-9]{0,8}")) {
        return messages;
      }
      long end = space + 1 + Long.parseLong(digits);
      at = (int) Math.min(end, text.length());
      add(text.substring(space + 1, at), messages);
    }
    return messages;
  }

  private static void add(String message, List<String> messages) {
    String trimmed = message.replaceFirst("[\r\n]+\\z", "");
    if (!trimmed.isEmpty()) {
      messages.add(trimmed);
    }
  }

  private static List<String> messages(byte[] said, int size) {
    SyslogFrames frames = new SyslogFrames();
    List<String> messages = new ArrayList<>();
    for (int at = 0; at < said.length; at += size) {
      frames.feed(said, at, Math.min(said.length, at + size));
      while (frames.next()) {
        messages.add(message(frames));
      }
    }
    if (frames.end()) {
      messages.add(message(frames));
    }
    assertThat(frames.wasCut()).isFalse();
    return messages;
  }

  private static String message(SyslogFrames frames) {
    return new String(frames.bytes(), frames.offset(), frames.length(), ISO_8859_1);
  }
}
