package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that text is UTF-8, as receivers insist on. What the forwarder writes is; what
 * somebody else put into a file may not be. Stateless.
 */
final class Utf8Text {
  private Utf8Text() {}

  /** The text with U+FFFD for what is ill-formed; null when it is well-formed as it is. */
  static byte @Nullable [] replaced(byte[] bytes, int offset, int length) {
    int at = offset;
    while (at < offset + length && bytes[at] >= 0) {
      at++;
    }
    if (at == offset + length) {
      return null;
    }
    byte[] decoded = new String(bytes, offset, length, UTF_8).getBytes(UTF_8);
    boolean same = Arrays.equals(decoded, 0, decoded.length, bytes, offset, offset + length);
    return same ? null : decoded;
  }
}
