package org.vmlog.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes inputs from the inputs of a corpus, a few small changes each. Confined to one thread. */
final class Mutator {
  private static final int MAX_CHANGES = 5;
  private static final int MAX_PIECE = 40;

  private final List<byte[]> corpus;
  private final Random random;

  Mutator(List<byte[]> corpus, Random random) {
    this.corpus = corpus;
    this.random = random;
  }

  byte[] next() {
    byte[] input = any();
    for (int changes = 1 + random.nextInt(MAX_CHANGES); changes > 0; changes--) {
      input = change(input);
    }
    return input;
  }

  private byte[] change(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int to = Math.min(input.length, at + random.nextInt(MAX_PIECE));
    byte[] donor = any();
    int from = random.nextInt(donor.length + 1);
    byte[] piece =
        Arrays.copyOfRange(donor, from, Math.min(donor.length, from + random.nextInt(MAX_PIECE)));
    return switch (random.nextInt(7)) {
      case 0 -> exchange(input, at, Math.min(input.length, at + 1), oneByte());
      case 1 -> exchange(input, at, at, oneByte());
      case 2 -> exchange(input, at, to, new byte[0]);
      case 3 -> exchange(input, at, at, piece);
      case 4 -> exchange(input, at, Math.min(input.length, at + piece.length), piece);
      case 5 -> exchange(input, at, at, Arrays.copyOfRange(input, at, to));
      default -> flip(input, at);
    };
  }

  private byte[] any() {
    return corpus.isEmpty() ? new byte[0] : corpus.get(random.nextInt(corpus.size()));
  }

  private byte[] oneByte() {
    return new byte[] {(byte) random.nextInt(256)};
  }

  private byte[] flip(byte[] input, int at) {
    byte[] flipped = input.clone();
    if (at < flipped.length) {
      flipped[at] ^= (byte) (1 << random.nextInt(8));
    }
    return flipped;
  }

  private static byte[] exchange(byte[] input, int from, int to, byte[] piece) {
    byte[] out = new byte[input.length - (to - from) + piece.length];
    System.arraycopy(input, 0, out, 0, from);
    System.arraycopy(piece, 0, out, from, piece.length);
    System.arraycopy(input, to, out, from + piece.length, input.length - to);
    return out;
  }
}
