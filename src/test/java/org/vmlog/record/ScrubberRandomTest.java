package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Seed;

class ScrubberRandomTest {
  private static final int STANDARD_INPUTS = 1_000_000;
  private static final int STRICT_INPUTS = 200_000;

  /** The longest single output: three ill-formed bytes in strict mode. */
  private static final int LONGEST_UNIT = 12;

  @Test
  void standard_randomInputs_asTheRulesSay() {
    Random random = Seed.random("scrubber");
    RandomContent content = new RandomContent(random);
    for (int i = 0; i < STANDARD_INPUTS; i++) {
      byte[] input = content.next();
      byte[] expected = ReferenceScrubber.standard(input);
      assertSame(input, expected, scrubWhole(ScrubMode.STANDARD, input, random));
      if (i % 4 == 0) {
        assertSame(input, expected, scrubInPieces(ScrubMode.STANDARD, input, random));
      }
    }
  }

  @Test
  void strict_randomInputs_canBeUndone() throws CharacterCodingException {
    Random random = Seed.random("strict scrubber");
    RandomContent content = new RandomContent(random);
    for (int i = 0; i < STRICT_INPUTS; i++) {
      byte[] input = content.next();
      byte[] scrubbed = scrubWhole(ScrubMode.STRICT, input, random);
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(scrubbed)).toString();
      assertSame(input, input, StrictUnscrubber.unscrub(text));
      assertSame(input, scrubbed, scrubInPieces(ScrubMode.STRICT, input, random));
      if (!text.codePoints().allMatch(ScrubberRandomTest::isHarmless)) {
        assertThat(text).as("input %s", HexFormat.of().formatHex(input)).isEqualTo("harmless");
      }
    }
  }

  private static boolean isHarmless(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      // What is left of "format" are marks that show, such as the Arabic number sign.
      case Character.FORMAT ->
          !(c == 0xAD
              || c == 0x61C
              || (c >= 0x2000 && c <= 0x20FF)
              || c == 0xFEFF
              || (c >= 0xE0000 && c <= 0xE007F));
      default -> true;
    };
  }

  /** With bytes around the input that would matter if they were read. */
  private static byte[] scrubWhole(ScrubMode mode, byte[] input, Random random) {
    int before = random.nextInt(10);
    byte[] padded = new byte[before + input.length + random.nextInt(10)];
    Arrays.fill(padded, (byte) 0x80);
    System.arraycopy(input, 0, padded, before, input.length);
    LineBuffer out = new LineBuffer(Scrubber.MAX_EXPANSION * input.length);
    int consumed = Scrubber.of(mode).scrub(padded, before, input.length, out);
    if (consumed != input.length) {
      throw new AssertionError("stopped at %d of %d".formatted(consumed, input.length));
    }
    return Arrays.copyOf(out.bytes(), out.position());
  }

  private static byte[] scrubInPieces(ScrubMode mode, byte[] input, Random random) {
    ByteBuffer all = ByteBuffer.allocate(Scrubber.MAX_EXPANSION * input.length);
    LineBuffer out = new LineBuffer(LONGEST_UNIT + random.nextInt(20));
    int at = 0;
    while (at < input.length) {
      out.clear();
      int consumed = Scrubber.of(mode).scrub(input, at, input.length - at, out);
      if (consumed == 0) {
        throw new AssertionError("stuck at " + at + " of " + HexFormat.of().formatHex(input));
      }
      all.put(out.bytes(), 0, out.position());
      at += consumed;
    }
    return Arrays.copyOf(all.array(), all.position());
  }

  /** AssertJ only for the message: a million of its objects would be most of the time. */
  private static void assertSame(byte[] input, byte[] expected, byte[] actual) {
    if (!Arrays.equals(expected, actual)) {
      assertThat(HexFormat.of().formatHex(actual))
          .as("input %s", HexFormat.of().formatHex(input))
          .isEqualTo(HexFormat.of().formatHex(expected));
    }
  }
}
