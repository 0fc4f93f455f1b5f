package org.vmlog.record;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.BitSet;

/**
 * The rules of scrubbing written down as plainly as can be, to compare the fast code with. What is
 * well-formed comes from encoding every code point, not from a table of allowed bytes.
 */
final class ReferenceScrubber {
  /** The first byte's marker in an encoding of so many bytes. */
  private static final int[] LEAD = {0, 0, 0xC0, 0xE0, 0xF0};

  /** Every proper prefix of the encoding of a code point above U+007F, as a big-endian number. */
  private static final BitSet PREFIXES = prefixes();

  private ReferenceScrubber() {}

  static byte[] standard(byte[] input) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = 0;
    while (at < input.length) {
      int length = 0;
      int prefix = 0;
      do {
        prefix = (prefix << 8) | (input[at + length] & 0xFF);
        length++;
      } while (at + length < input.length
          && length < 4
          && PREFIXES.get(prefix)
          && continues(prefix, length, input[at + length] & 0xFF));
      int codePoint = complete(prefix, length);
      out.writeBytes(codePoint < 0 ? encode(0xFFFD) : show(codePoint));
      at += length;
    }
    return out.toByteArray();
  }

  static byte[] encode(int c) {
    int length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    byte[] bytes = new byte[length];
    int rest = c;
    for (int i = length - 1; i > 0; i--) {
      bytes[i] = (byte) (0x80 | (rest & 0x3F));
      rest >>= 6;
    }
    bytes[0] = (byte) (LEAD[length] | rest);
    return bytes;
  }

  private static byte[] show(int c) {
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) {
      return "#%03o".formatted(c).getBytes(US_ASCII);
    }
    if ((c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFF) == 0xFFFE || (c & 0xFFFF) == 0xFFFF) {
      return "#%o".formatted(c).getBytes(US_ASCII);
    }
    return encode(c);
  }

  /** Whether the byte makes the prefix a longer prefix, or a whole sequence. */
  private static boolean continues(int prefix, int length, int next) {
    int longer = (prefix << 8) | next;
    return (length < 3 && PREFIXES.get(longer)) || complete(longer, length + 1) >= 0;
  }

  /** The code point of which these bytes are the whole encoding, or -1. */
  private static int complete(int bytes, int length) {
    int c = ((bytes >> (8 * (length - 1))) & 0xFF) ^ LEAD[length];
    for (int i = length - 2; i >= 0; i--) {
      c = (c << 6) | ((bytes >> (8 * i)) & 0x3F);
    }
    boolean scalar = c >= 0 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
    return scalar && number(encode(c)) == bytes && encode(c).length == length ? c : -1;
  }

  private static int number(byte[] bytes) {
    int number = 0;
    for (byte b : bytes) {
      number = (number << 8) | (b & 0xFF);
    }
    return number;
  }

  private static BitSet prefixes() {
    BitSet prefixes = new BitSet(1 << 24);
    for (int c = 0x80; c <= 0x10FFFF; c++) {
      if (c < 0xD800 || c > 0xDFFF) {
        byte[] encoding = encode(c);
        int prefix = 0;
        for (int i = 0; i < encoding.length - 1; i++) {
          prefix = (prefix << 8) | (encoding[i] & 0xFF);
          prefixes.set(prefix);
        }
      }
    }
    return prefixes;
  }
}
