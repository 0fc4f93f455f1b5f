package org.vmlog.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.vmlog.fuzz.Corpus;
import org.vmlog.fuzz.FuzzInput;

/**
 * The decoder, fed in pieces of any length, against a reader that has all of the stream at once.
 */
public class JournalDecoderFuzzTest {
  private static final int MUTANTS = 30_000;

  @Test
  void next_anyBytes_asTheReference() throws Exception {
    Corpus.of(getClass()).check(JournalDecoderFuzzTest::fuzzerTestOneInput, MUTANTS);
  }

  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    int piece = 1 + input.nextByte();
    byte[] stream = input.rest();

    ReferenceJournal expected = new ReferenceJournal(stream, 1);
    ReferenceJournal seen = ReferenceJournal.decoded(stream, 1, () -> piece);

    assertThat(seen.entries).isEqualTo(expected.entries);
    assertThat(seen.malformed).isEqualTo(expected.malformed);
    assertThat(seen.malformed || seen.unfinished == expected.unfinished).isTrue();
  }
}
