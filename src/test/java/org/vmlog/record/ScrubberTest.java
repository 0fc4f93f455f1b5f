package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScrubberTest {
  private static final HexFormat HEX = HexFormat.of();

  @Test
  void standard_vectors_matchByteForByte() throws IOException {
    List<String[]> vectors = vectors();
    assertThat(vectors).hasSize(306);
    assertAll(
        vectors.stream()
            .map(
                vector ->
                    () ->
                        assertThat(scrub(ScrubMode.STANDARD, vector[0]))
                            .as("input %s", vector[0])
                            .isEqualTo(vector[1])));
  }

  @ParameterizedTest
  @CsvSource({
    "EDBAAD, EFBFBD EFBFBD EFBFBD",
    "F4AFBFBF, EFBFBD EFBFBD EFBFBD EFBFBD",
    "E08080, EFBFBD EFBFBD EFBFBD",
    "C0AF, EFBFBD EFBFBD",
    "E282, EFBFBD",
    "E28241, EFBFBD 41",
    "F09F9841, EFBFBD 41",
    "00, 23 303030",
    "0A, 23 303132",
    "7F, 23 313737",
    "C285, 23 323035",
    "C2A0, C2A0",
    "EFBFBE, 23 313737373736",
    "F48FBFBF, 23 34313737373737",
    "EFB790, 23 313736373230",
    "EFBFBD, EFBFBD",
    "EFBBBF, EFBBBF",
    "E280AE, E280AE",
    "23303132, 23303132",
  })
  void standard_ruleOfEach_isKept(String input, String expected) {
    assertThat(scrub(ScrubMode.STANDARD, input))
        .isEqualTo(expected.replace(" ", "").toLowerCase(Locale.ROOT));
  }

  @ParameterizedTest
  @CsvSource({
    "61, a",
    "23, '#043'",
    "00, '#000'",
    "1B, '#033'",
    "7F, '#177'",
    "C285, '#205'",
    "C2AD, '#255'",
    "C3A9, é",
    "E2808B, '#{20013}'",
    "E280A8, '#{20050}'",
    "E280AE, '#{20056}'",
    "D89C, '#{3034}'",
    "EFBBBF, '#{177377}'",
    "EFBFBE, '#{177776}'",
    "F3A08081, '#{3400001}'",
    "F48FBFBF, '#{4177777}'",
    "EFBFBD, \uFFFD",
    "F09F9880, \uD83D\uDE00",
    "FF, '#xFF'",
    "E282, '#xE2#x82'",
    "F09F9841, '#xF0#x9F#x98A'",
    "EDBAAD, '#xED#xBA#xAD'",
  })
  void strict_eachKind_isEscapedInItsForm(String input, String expected) {
    assertThat(scrub(ScrubMode.STRICT, input)).isEqualTo(HEX.formatHex(expected.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 2", "4, 2", "5, 5", "6, 6", "7, 6", "8, 6", "9, 6"})
  void scrub_bufferTooSmall_stopsOnAWholeCharacter(int capacity, int expected) {
    byte[] input = "ab\u20acc\0".getBytes(UTF_8);
    for (ScrubMode mode : ScrubMode.values()) {
      LineBuffer out = new LineBuffer(capacity);
      assertThat(Scrubber.of(mode).scrub(input, 0, input.length, out)).isEqualTo(expected);
      assertThat(Arrays.copyOf(out.bytes(), out.position()))
          .isEqualTo(Arrays.copyOf(input, expected));
    }
  }

  @Test
  void scrub_noRoom_consumesNothing() {
    assertThat(Scrubber.of(ScrubMode.STANDARD).scrub(new byte[] {'a'}, 0, 1, new LineBuffer(0)))
        .isZero();
    assertThat(Scrubber.of(ScrubMode.STRICT).scrub(new byte[] {'a'}, 0, 1, new LineBuffer(0)))
        .isZero();
  }

  private static String scrub(ScrubMode mode, String hex) {
    byte[] input = HEX.parseHex(hex);
    LineBuffer out = new LineBuffer(Scrubber.MAX_EXPANSION * input.length);
    assertThat(Scrubber.of(mode).scrub(input, 0, input.length, out)).isEqualTo(input.length);
    return HEX.formatHex(out.bytes(), 0, out.position());
  }

  private static List<String[]> vectors() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(ScrubberTest.class.getResourceAsStream("/scrub.tsv"), UTF_8))) {
      return reader.lines().map(line -> line.split("\t", -1)).toList();
    }
  }
}
