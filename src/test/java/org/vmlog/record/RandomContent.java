package org.vmlog.record;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Contents of mixed shapes: text, broken text, and noise. */
final class RandomContent {
  private static final int[] EDGES = {
    0, 0x1F, 0x20, '#', 0x7E, 0x7F, 0x80, 0x9F, 0xA0, 0xAD, 0xFF, 0x61C, 0x7FF, 0x800, 0x200B,
    0x2028, 0x202E, 0xD7FF, 0xE000, 0xFDCF, 0xFDD0, 0xFDEF, 0xFDF0, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF,
    0x10000, 0x1FFFE, 0x1FFFF, 0xE0001, 0x10FFFD, 0x10FFFE, 0x10FFFF
  };
  private static final int[] EDGE_BYTES = {
    0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
    0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
  };

  private final Random random;

  RandomContent(Random random) {
    this.random = random;
  }

  byte[] next() {
    int shape = random.nextInt(8);
    if (shape == 0) {
      byte[] noise = new byte[random.nextInt(24)];
      random.nextBytes(noise);
      return noise;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int pieces = random.nextInt(10); pieces > 0; pieces--) {
      switch (random.nextInt(shape < 4 ? 3 : 6)) {
        case 0, 1 -> ascii(out);
        case 2 -> out.writeBytes(ReferenceScrubber.encode(codePoint()));
        case 3 -> out.write(EDGE_BYTES[random.nextInt(EDGE_BYTES.length)]);
        case 4 -> {
          byte[] encoding = ReferenceScrubber.encode(codePoint());
          out.write(encoding, 0, random.nextInt(encoding.length + 1));
        }
        default -> out.write(random.nextInt(256));
      }
    }
    return out.toByteArray();
  }

  private void ascii(ByteArrayOutputStream out) {
    for (int i = random.nextInt(20); i > 0; i--) {
      out.write(0x20 + random.nextInt(0x5F));
    }
  }

  private int codePoint() {
    while (true) {
      int c =
          random.nextBoolean()
              ? EDGES[random.nextInt(EDGES.length)]
              : random.nextInt(1 << (1 + random.nextInt(21)));
      if (c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF)) {
        return c;
      }
    }
  }
}
