package org.vmlog.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

/** What a name may be that becomes a part of a moniker, and how it is shown. Thread-safe. */
public final class Names {
  /** As many characters as an error shows of a name. */
  private static final int SHOWN_CHARS = 64;

  private Names() {}

  /**
   * Checks a name: neither empty nor too long, without a slash, which stands between the parts of a
   * moniker, and without control characters, for it is shown to people.
   *
   * @throws IllegalArgumentException that says what was allowed
   */
  static void check(String what, String name, int maxBytes) {
    int bytes = name.getBytes(UTF_8).length;
    if (bytes == 0 || bytes > maxBytes) {
      throw new IllegalArgumentException(
          "%s %s has %s bytes; allowed are 1 to %s".formatted(what, shown(name), bytes, maxBytes));
    }
    checkCharacters(what, name);
    if (name.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "%s %s has a slash, which is not allowed".formatted(what, shown(name)));
    }
  }

  /** Checks a text that may be empty. */
  static void checkText(String what, String text, int maxBytes) {
    int bytes = text.getBytes(UTF_8).length;
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(
          "%s %s has %s bytes; allowed are %s".formatted(what, shown(text), bytes, maxBytes));
    }
    checkCharacters(what, text);
  }

  private static void checkCharacters(String what, String text) {
    if (text.codePoints().anyMatch(c -> Character.isISOControl(c) || isSurrogate(c))) {
      throw new IllegalArgumentException(
          "%s %s has a control character or half a one, which is not allowed"
              .formatted(what, shown(text)));
    }
  }

  private static boolean isSurrogate(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE;
  }

  /** A name for a message: quoted, not too long, and without anything that could forge a line. */
  public static String shown(String name) {
    String start = name.length() <= SHOWN_CHARS ? name : name.substring(0, SHOWN_CHARS) + "…";
    return '"' + start.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\"]", "?") + '"';
  }
}
