package org.vmlog.record;

/**
 * {@link ScrubMode#STRICT}: what {@link StandardScrubber} escapes, and everything by which a
 * terminal or a reader's eye could be tricked, in a form that can be undone exactly.
 *
 * <ul>
 *   <li>{@code #NNN}, three octal digits: a code point up to U+00FF, {@code #} itself ({@code
 *       #043}) included
 *   <li>{@code #{OCTAL}}: a code point above that
 *   <li>{@code #xHH}: one ill-formed byte
 * </ul>
 *
 * Stateless. Thread-safe.
 */
final class StrictScrubber implements Scrubber {
  static final StrictScrubber INSTANCE = new StrictScrubber();

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };

  /**
   * First and last code points, ascending, of what is invisible or turns the direction of text:
   * Unicode's Default_Ignorable_Code_Point (zero-width, bidi controls, fillers, variation
   * selectors, tags), the line and paragraph separators, and the interlinear annotations.
   */
  private static final int[] INVISIBLE = {
    0x00AD, 0x00AD, 0x034F, 0x034F, 0x061C, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180F,
    0x200B, 0x200F, 0x2028, 0x202E, 0x2060, 0x206F, 0x3164, 0x3164, 0xFE00, 0xFE0F, 0xFEFF, 0xFEFF,
    0xFFA0, 0xFFA0, 0xFFF0, 0xFFFB, 0x1BCA0, 0x1BCA3, 0x1D173, 0x1D17A, 0xE0000, 0xE0FFF
  };

  private StrictScrubber() {}

  @Override
  public int scrub(byte[] src, int offset, int length, LineBuffer out) {
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int run = plainEnd(src, at, at + Math.min(end - at, out.remaining()));
      out.put(src, at, run - at);
      at = run;
      if (at == end || out.remaining() == 0) {
        break;
      }
      int decoded = Utf8.decode(src, at, end);
      if (!putSequence(src, at, decoded, out)) {
        break;
      }
      at += Utf8.length(decoded);
    }
    return at - offset;
  }

  /**
   * The end of the run of printable ASCII without {@code #} that begins at {@code from}. Byte by
   * byte, so that a content of nothing but {@code #} costs no more than another.
   */
  private static int plainEnd(byte[] src, int from, int end) {
    int at = from;
    while (at < end && src[at] >= 0x20 && src[at] != 0x7F && src[at] != '#') {
      at++;
    }
    return at;
  }

  private static boolean putSequence(byte[] src, int at, int decoded, LineBuffer out) {
    int length = Utf8.length(decoded);
    if (decoded < 0) {
      return putBytes(src, at, length, out);
    }
    int codePoint = Utf8.codePoint(decoded);
    if (isEscaped(codePoint)) {
      return putCodePoint(codePoint, out);
    }
    if (out.remaining() < length) {
      return false;
    }
    out.put(src, at, length);
    return true;
  }

  private static boolean putBytes(byte[] src, int at, int length, LineBuffer out) {
    if (out.remaining() < 4 * length) {
      return false;
    }
    for (int i = at; i < at + length; i++) {
      out.put((byte) '#');
      out.put((byte) 'x');
      out.put(HEX[(src[i] >> 4) & 0xF]);
      out.put(HEX[src[i] & 0xF]);
    }
    return true;
  }

  private static boolean putCodePoint(int codePoint, LineBuffer out) {
    int digits = Octal.digits(codePoint);
    boolean braces = codePoint > 0xFF;
    if (out.remaining() < 1 + digits + (braces ? 2 : 0)) {
      return false;
    }
    out.put((byte) '#');
    if (braces) {
      out.put((byte) '{');
    }
    Octal.put(codePoint, digits, out);
    if (braces) {
      out.put((byte) '}');
    }
    return true;
  }

  private static boolean isEscaped(int codePoint) {
    return codePoint < 0x20
        || codePoint == '#'
        || (codePoint >= 0x7F && codePoint <= 0x9F)
        || Utf8.isNonCharacter(codePoint)
        || isInvisible(codePoint);
  }

  private static boolean isInvisible(int codePoint) {
    for (int i = 0; i < INVISIBLE.length && codePoint >= INVISIBLE[i]; i += 2) {
      if (codePoint <= INVISIBLE[i + 1]) {
        return true;
      }
    }
    return false;
  }
}
