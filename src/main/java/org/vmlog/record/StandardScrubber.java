package org.vmlog.record;

/**
 * {@link ScrubMode#STANDARD}: control characters as {@code #} and at least three octal digits,
 * non-characters as {@code #} and octal, each ill-formed subsequence as U+FFFD. Everything else
 * passes, {@code #} too. Stateless. Thread-safe.
 */
final class StandardScrubber implements Scrubber {
  static final StandardScrubber INSTANCE = new StandardScrubber();

  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private StandardScrubber() {}

  @Override
  public int scrub(byte[] src, int offset, int length, LineBuffer out) {
    int end = offset + length;
    // src[run, at) passes as it is and is copied in one piece; past `stop` it would not fit.
    int run = offset;
    int at = offset;
    int stop = at + Math.min(length, out.remaining());
    while (true) {
      at = Utf8.printableEnd(src, at, stop);
      if (at == stop) {
        break;
      }
      int decoded = Utf8.decode(src, at, end);
      int next = at + Utf8.length(decoded);
      if (passes(decoded)) {
        if (next > stop) {
          break;
        }
        at = next;
        continue;
      }
      out.put(src, run, at - run);
      run = at;
      if (!putEscape(decoded, out)) {
        break;
      }
      at = next;
      run = at;
      stop = at + Math.min(end - at, out.remaining());
    }
    out.put(src, run, at - run);
    return at - offset;
  }

  private static boolean passes(int decoded) {
    int c = Utf8.codePoint(decoded);
    return c >= 0xA0 ? !Utf8.isNonCharacter(c) : c >= 0x20 && c < 0x7F;
  }

  private static boolean putEscape(int decoded, LineBuffer out) {
    if (decoded < 0) {
      if (out.remaining() < REPLACEMENT.length) {
        return false;
      }
      out.put(REPLACEMENT);
      return true;
    }
    int codePoint = Utf8.codePoint(decoded);
    int digits = Octal.digits(codePoint);
    if (out.remaining() < 1 + digits) {
      return false;
    }
    out.put((byte) '#');
    Octal.put(codePoint, digits, out);
    return true;
  }
}
