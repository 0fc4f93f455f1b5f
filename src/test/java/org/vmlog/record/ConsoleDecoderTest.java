package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.record.StreamDecoder.Step;
import org.vmlog.testing.Seed;

class ConsoleDecoderTest {
  private Instant now = Instant.ofEpochSecond(1, 7);
  private final ConsoleDecoder lines = new ConsoleDecoder(() -> now);
  private final LogEntry entry = new LogEntry();

  /**
   * What Debian sid with Linux 7.2 and systemd 262 wrote to ttyS0 under QEMU, and each of its lines
   * behind its severity.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "console-boot-colour-status",
        "console-msg-format-syslog",
        "console-sid-systemd262-nocolor"
      })
  void next_recordedConsole_isItsLines(String name) throws IOException {
    byte[] recorded = resource(name + ".serial");
    String wanted = new String(resource(name + ".lines"), ISO_8859_1);
    assertThat(withSeverities(recorded, recorded.length)).isEqualTo(wanted);
    assertThat(withSeverities(recorded, 1)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          a newline           | a\\nb\\n                            | a,b
          CR LF               | a\\r\\nb\\r\\r\\n                   | a,b
          nothing             | \\n\\r\\n\\r\\r\\n                  | ""
          progress            | 50%\\r100%\\n                       | 100%
          a CR and no more    | 50%\\r\\e[K\\n                      | 50%
          colours             | [\\e[0;32m  OK  \\e[0m] Started\\n  | [  OK  ] Started
          modes               | \\e[?7h\\e[1G\\e[0J\\e7\\e[6n\\e8a\\n | a
          OSC up to ST        | \\e]3008;start=1;a=b\\e\\\\a\\n     | a
          OSC up to BEL       | \\e]0;title\\aa\\n                  | a
          OSC cut by another  | \\e]0;title\\e[0ma\\n               | a
          DCS                 | \\eP+q6E616D65\\e\\\\a\\n           | a
          a BEL within a DCS  | \\ePa\\ab\\e\\\\c\\n                | c
          APC, PM and SOS     | \\e_a\\e\\\\b\\e^c\\e\\\\d\\eXe\\e\\\\f\\n | bdf
          a character set     | \\e(Ba\\e%Gb\\n                     | ab
          an ESC too many     | \\e\\e[0ma\\n                       | a
          CAN ends it         | \\e[12\\x18a\\e]b\\x1ac\\n          | ac
          the kernel within   | \\e]3008;st[ 1.0] panic\\r\\nart\\e\\\\x\\n | \\e]3008;st[ 1.0] panic,artx
          CSI without an end  | a\\e[12\\nb\\n                      | a\\e[12,b
          ESC and no sequence | a\\e\\tb\\n                         | a\\e\\tb
          a CR and then text  | a\\r\\e[12\\nb\\n                   | \\e[12,b
          other controls      | a\\a\\t\\b\\x00\\x7f\\n             | a\\a\\t\\b\\x00\\x7f
          no UTF-8            | \\xff\\xfe\\x9b31m\\n               | \\xff\\xfe\\x9b31m
          a bar, overwritten  | [ ***  ] Job\\r\\r\\n\\eM\\r\\e[K[   ***] Job\\r\\r\\n\\eM\\r\\e[K[  OK  ] x\\n | [  OK  ] x
          a bar, and a line   | [*     ] Job\\r\\r\\nb\\n           | [*     ] Job,b
          a bar, and colours  | [    **] Job\\r\\r\\n\\e[Kb\\n      | [    **] Job,b
          a bar, and LF       | [    **] Job\\n\\n\\eMb\\n          | [    **] Job,b
          a kernel's line     | [ 1.0] k\\r\\n\\eM\\r\\e[K[ ***  ] Job\\r\\r\\n\\eMb\\n | [ 1.0] k,b
          no bar              | [      ] Job\\n\\eM[ ***  ]\\n\\eMb\\n | [      ] Job,[ ***  ],b
          """)
  void next_whatTerminalsDo_isText(String what, String said, String wanted) {
    byte[] bytes = unescaped(said);
    for (int size = 1; size <= bytes.length; size++) {
      assertThat(String.join(",", split(bytes, size)))
          .as("%s, %d bytes at a time", what, size)
          .isEqualTo(new String(unescaped(wanted), ISO_8859_1));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "<4>[    1.5] text, 4, [    1.5] text",
    "<30>[    1.5] systemd[1]: text, 6, [    1.5] systemd[1]: text",
    "<192>text, 6, <192>text",
    "<4>, 6, <4>",
    "[    1.5] text, 6, [    1.5] text",
    "text <4>, 6, text <4>",
  })
  void next_priority_isSeverityAlone(String said, int severity, String content) {
    assertThat(withSeverities((said + "\n").getBytes(ISO_8859_1), 99))
        .isEqualTo(severity + " " + content + "\n");
  }

  @Test
  void end_prompt_isALineAndWhatFollowsAnother() {
    feed("guest1 login: ", 1);
    assertThat(all()).isEmpty();
    assertThat(lines.endsBySilence()).isTrue();
    assertThat(ended()).containsExactly("guest1 login: ");
    assertThat(lines.endsBySilence()).isFalse();
    assertThat(ended()).isEmpty();
    feed("\r\n[  OK  ] Stopped\r\n", 2);
    assertThat(all()).containsExactly("[  OK  ] Stopped");
  }

  @Test
  void end_unfinishedSequence_isText() {
    feed("a\033]0;b\r", 1);
    assertThat(all()).isEmpty();
    assertThat(ended()).containsExactly("a\033]0;b");
    feed("\033\\c\n", 2);
    assertThat(all()).containsExactly("c");
  }

  @Test
  void end_barThatWaits_isALine() {
    feed("[ ***  ] Job\n", 1);
    assertThat(all()).isEmpty();
    assertThat(ended()).containsExactly("[ ***  ] Job");
    feed("\033Mb\n", 2);
    assertThat(all()).containsExactly("b");
  }

  @Test
  void shed_unfinishedLine_isLostAndTheNextIsNot() {
    feed("a line\nthe beginning of", 1);
    assertThat(all()).containsExactly("a line");
    assertThat(lines.heldBytes()).isPositive();
    lines.shed();
    assertThat(lines.heldBytes()).isZero();
    feed(" another\nb\n", 2);
    assertThat(lines.next(entry)).isEqualTo(Step.LOST);
    assertThat(all()).containsExactly(" another", "b");
    assertThat(lines.heldBytes()).isZero();
  }

  @Test
  void next_time_isThatOfTheFirstByte() {
    feed("on", 10);
    assertThat(all()).isEmpty();
    feed("e\ntw", 11);
    assertThat(lines.next(entry)).isEqualTo(Step.RECORD);
    assertThat(entry.seconds()).isEqualTo(10);
    assertThat(entry.nanos()).isEqualTo(7);
    assertThat(all()).isEmpty();
    feed("o\n", 12);
    assertThat(lines.next(entry)).isEqualTo(Step.RECORD);
    assertThat(entry.seconds()).isEqualTo(11);
    assertThat(all()).isEmpty();
    feed("50%\r", 13);
    assertThat(all()).isEmpty();
    feed("100%\n", 14);
    assertThat(lines.next(entry)).isEqualTo(Step.RECORD);
    assertThat(entry.seconds()).isEqualTo(14);
  }

  @ParameterizedTest
  @ValueSource(ints = {8190, 8191, 8192, 8193, 16384, 16385, 40_000})
  void next_longLine_isPieces(int length) {
    String line = "C".repeat(length);
    List<String> pieces = split((line + "\r\n").getBytes(ISO_8859_1), 1000);
    assertThat(String.join("", pieces)).isEqualTo(line);
    assertThat(pieces).hasSize((length + 8191) / 8192);
    assertThat(pieces.get(0)).hasSize(Math.min(length, 8192));
  }

  @Test
  void next_longLineOfCharacters_isCutBetweenThem() {
    for (String character : List.of("\u00e9", "\u20ac", "\ud83d\ude00")) {
      for (int before = 0; before < 5; before++) {
        byte[] line = ("x".repeat(before) + character.repeat(5000) + "\n").getBytes(UTF_8);
        for (int size : new int[] {1, 8191, 8192, 8193, line.length}) {
          for (String piece : split(line, size)) {
            String text = new String(piece.getBytes(ISO_8859_1), UTF_8);
            assertThat(text).doesNotContain("\ufffd");
            assertThat(piece.length()).isLessThanOrEqualTo(8192);
          }
        }
      }
    }
  }

  @Test
  void next_trailBytesWithoutEnd_areCutAnywhere() {
    List<String> pieces = split(("\u0080".repeat(20_000) + "\n").getBytes(ISO_8859_1), 333);
    assertThat(String.join("", pieces)).isEqualTo("\u0080".repeat(20_000));
    assertThat(pieces).hasSize(3);
  }

  @Test
  void next_sequenceWithoutEnd_isTextAfterFourKiB() {
    String whole = "\033]0;" + "t".repeat(4090);
    assertThat(split((whole + "\033\\a\n").getBytes(ISO_8859_1), 100)).containsExactly("a");
    String over = "\033]0;" + "t".repeat(20_000);
    List<String> pieces = split(("x".repeat(8000) + over + "\n").getBytes(ISO_8859_1), 100);
    assertThat(String.join("", pieces)).isEqualTo("x".repeat(8000) + over);
    assertThat(pieces).allSatisfy(piece -> assertThat(piece).hasSizeLessThanOrEqualTo(8192));
  }

  /** However the bytes come in, the lines are the same, and nothing but sequences is lost. */
  @Test
  void next_randomBytesInRandomPieces_areTheSameLines() {
    Random random = Seed.random("ConsoleDecoder");
    String[] parts = {
      "\n",
      "\r",
      "\033",
      "\033[",
      "\033]",
      "\033P",
      "\033\\",
      "\033M",
      "\007",
      "m",
      "a",
      "[ ***  ] Job",
      "\u00e2\u0082\u00ac",
      "\u00ff",
      "<3>",
      "0;1",
      "x".repeat(3000),
      "\030"
    };
    for (int round = 0; round < 3_000; round++) {
      StringBuilder said = new StringBuilder();
      for (int n = random.nextInt(60); n >= 0; n--) {
        said.append(parts[random.nextInt(parts.length)]);
      }
      byte[] bytes = said.toString().getBytes(ISO_8859_1);
      String wanted = withSeverities(bytes, bytes.length);
      assertThat(withSeverities(bytes, 1 + random.nextInt(50))).isEqualTo(wanted);
    }
  }

  private String withSeverities(byte[] bytes, int size) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < bytes.length; at += size) {
      lines.feed(bytes, at, Math.min(bytes.length - at, size));
      while (lines.next(entry) == Step.RECORD) {
        out.append(entry.severity()).append(' ').append(content()).append('\n');
      }
    }
    lines.end();
    while (lines.next(entry) == Step.RECORD) {
      out.append(entry.severity()).append(' ').append(content()).append('\n');
    }
    return out.toString();
  }

  private List<String> split(byte[] bytes, int size) {
    List<String> got = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += size) {
      lines.feed(bytes, at, Math.min(bytes.length - at, size));
      got.addAll(all());
    }
    got.addAll(ended());
    return got;
  }

  private void feed(String text, long seconds) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    now = Instant.ofEpochSecond(seconds, 7);
    lines.feed(bytes, 0, bytes.length);
  }

  private List<String> all() {
    List<String> got = new ArrayList<>();
    while (lines.next(entry) == Step.RECORD) {
      got.add(content());
    }
    return got;
  }

  private List<String> ended() {
    assertThat(lines.end()).isFalse();
    return all();
  }

  private String content() {
    return new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), ISO_8859_1);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ConsoleDecoderTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static byte[] unescaped(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      c = text.charAt(++i);
      if (c == 'x') {
        out.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        int known = "nreatb\\".indexOf(c);
        out.append("\n\r\033\007\t\b\\".charAt(known));
      }
    }
    return out.toString().getBytes(ISO_8859_1);
  }
}
