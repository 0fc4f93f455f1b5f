package org.vmlog.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;
import org.vmlog.record.StreamDecoder.Step;

/**
 * Any bytes in pieces of any size: the same lines as a regular expression over all of them finds,
 * where no sequence is cut by a newline; and always the same lines, none of them longer than a
 * piece, whatever the size.
 */
public class ConsoleDecoderFuzzTest {
  private static final int MUTANTS = 100_000;

  private static final Pattern SEQUENCE =
      Pattern.compile(
          "\033\\][^\007\033\n\030\032]*(?:[\007\030\032]|\033\\\\)"
              + "|\033[PX^_][^\033\n\030\032]*(?:[\030\032]|\033\\\\)"
              + "|\033\\[[ -?]*[@-~\030\032]"
              + "|\033[ -/]+[0-~\030\032]|\033[0-OQ-WYZ\\\\`-~\030\032]");
  private static final Pattern PRIORITY = Pattern.compile("^<([0-9]{1,3})>(?=.)", Pattern.DOTALL);

  @Test
  void next_anyBytes_areLines() throws Exception {
    Corpus.of(getClass()).check(ConsoleDecoderFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    int size = 1 + input.nextByte();
    byte[] said = input.rest();
    List<String> lines = lines(said, size);
    assertThat(lines).allMatch(line -> !line.isEmpty() && line.length() <= 8192);
    assertThat(lines).allMatch(line -> line.indexOf('\n') < 0);
    assertThat(lines(said, Math.max(1, said.length))).isEqualTo(lines);
    String text = new String(said, ISO_8859_1);
    String plain =
        SEQUENCE
            .matcher(text)
            .replaceAll(
                found -> found.group().equals("\033M") ? Matcher.quoteReplacement("\033M") : "");
    if (!text.contains("\033M") && plain.indexOf('\033') < 0 && text.length() < 4000) {
      assertThat(lines).isEqualTo(expected(plain));
    }
  }

  private static List<String> expected(String plain) {
    List<String> lines = new ArrayList<>();
    for (String line : plain.split("\n")) {
      String last = "";
      for (String part : line.split("\r")) {
        last = part.isEmpty() ? last : part;
      }
      Matcher priority = PRIORITY.matcher(last);
      boolean prioritised = priority.find() && Integer.parseInt(priority.group(1)) <= 191;
      last = prioritised ? last.substring(priority.end()) : last;
      if (!last.isEmpty()) {
        lines.add(last);
      }
    }
    return lines;
  }

  private static List<String> lines(byte[] said, int size) {
    ConsoleDecoder console = new ConsoleDecoder(InstantSource.fixed(Instant.EPOCH));
    LogEntry entry = new LogEntry();
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < said.length; at += size) {
      console.feed(said, at, Math.min(said.length - at, size));
      while (console.next(entry) == Step.RECORD) {
        lines.add(content(entry));
      }
    }
    assertThat(console.end()).isFalse();
    while (console.next(entry) == Step.RECORD) {
      lines.add(content(entry));
    }
    assertThat(console.endsBySilence()).isFalse();
    return lines;
  }

  private static String content(LogEntry entry) {
    return new String(entry.bytes(), entry.contentOffset(), entry.contentLength(), ISO_8859_1);
  }
}
