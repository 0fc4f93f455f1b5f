package org.vmlog.platform;

/**
 * Keeps text on one line and harmless to a terminal: names of VMs and messages of libraries end up
 * in the daemon's own log and on terminals, and neither is to be trusted. Thread-safe.
 */
public final class OneLine {

  /** The text, harmless and on one line. */
  public static String of(CharSequence text) {
    StringBuilder out = new StringBuilder(text.length());
    append(out, text);
    return out.toString();
  }

  /**
   * Appends text in which every control, format (bidi, zero-width), line separator and lone
   * surrogate is {@code #} and its code point in octal, in braces above U+00FF.
   */
  static void append(StringBuilder out, CharSequence text) {
    text.codePoints()
        .forEach(
            c -> {
              if (isPlain(c)) {
                out.appendCodePoint(c);
              } else if (c <= 0xFF) {
                out.append("#%03o".formatted(c));
              } else {
                out.append("#{%o}".formatted(c));
              }
            });
  }

  private static boolean isPlain(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private OneLine() {}
}
