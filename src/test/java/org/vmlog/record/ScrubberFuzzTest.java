package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;

/**
 * Both scrubbers: standard against the rules written down plainly, strict by undoing it; whole and
 * in pieces; within the promised length; without a look at what is behind the content.
 */
public class ScrubberFuzzTest {
  private static final int MUTANTS = 60_000;

  /** The longest single output: three ill-formed bytes in strict mode. */
  private static final int LONGEST_UNIT = 12;

  @Test
  void scrub_anyBytes_asTheRulesSay() throws Exception {
    Corpus.of(getClass()).check(ScrubberFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) throws CharacterCodingException {
    FuzzInput input = new FuzzInput(bytes);
    int capacity = LONGEST_UNIT + input.below(64);
    byte[] before = input.nextBytes();
    byte[] behind = input.nextBytes();
    byte[] content = input.rest();
    byte[] array = new byte[before.length + content.length + behind.length];
    System.arraycopy(before, 0, array, 0, before.length);
    System.arraycopy(content, 0, array, before.length, content.length);
    System.arraycopy(behind, 0, array, before.length + content.length, behind.length);

    byte[] standard = whole(ScrubMode.STANDARD, array, before.length, content.length);
    assertThat(standard).isEqualTo(ReferenceScrubber.standard(content));
    assertThat(inPieces(ScrubMode.STANDARD, array, before.length, content.length, capacity))
        .isEqualTo(standard);

    byte[] strict = whole(ScrubMode.STRICT, array, before.length, content.length);
    assertThat(inPieces(ScrubMode.STRICT, array, before.length, content.length, capacity))
        .isEqualTo(strict);
    String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(strict)).toString();
    assertThat(StrictUnscrubber.unscrub(text)).isEqualTo(content);
    assertThat(text.codePoints().noneMatch(Deception::isPossible)).isTrue();
  }

  private static byte[] whole(ScrubMode mode, byte[] array, int offset, int length) {
    LineBuffer out = new LineBuffer(Scrubber.MAX_EXPANSION * length);
    assertThat(Scrubber.of(mode).scrub(array, offset, length, out)).isEqualTo(length);
    return Arrays.copyOf(out.bytes(), out.position());
  }

  private static byte[] inPieces(
      ScrubMode mode, byte[] array, int offset, int length, int capacity) {
    ByteArrayOutputStream pieces = new ByteArrayOutputStream();
    LineBuffer out = new LineBuffer(capacity);
    int done = 0;
    while (done < length) {
      out.clear();
      int more = Scrubber.of(mode).scrub(array, offset + done, length - done, out);
      assertThat(more).isPositive();
      done += more;
      pieces.write(out.bytes(), 0, out.position());
    }
    return pieces.toByteArray();
  }
}
