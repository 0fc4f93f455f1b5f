package org.vmlog.sink;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.vmlog.identity.Names;

/** Hostile names as file names: injective, and of safe characters only. Thread-safe. */
final class NameEncoding {
  private static final int MAX_ENCODED_BYTES = 200;
  private static final int DIGEST_BYTES = 8;

  private static final HexFormat UPPER_HEX = HexFormat.of().withUpperCase();

  private NameEncoding() {}

  /**
   * Every byte of the UTF-8 outside {@code [A-Za-z0-9._-]}, and a leading dot, as {@code %XX}.
   *
   * <p>What would be over 200 bytes is cut between two characters so that, with {@code ~} and 16
   * hex digits of the SHA-256 of the whole name's UTF-8, it has at most 200. A {@code ~} never
   * stands in another encoded name, since it would be {@code %7E}.
   *
   * @param what the part of the VM's identity this is, for the error
   * @throws IllegalArgumentException when the name has no UTF-8 form
   */
  static String percent(String what, String name) {
    byte[] bytes = utf8(what, name);
    int room = MAX_ENCODED_BYTES - 1 - 2 * DIGEST_BYTES;
    StringBuilder encoded = new StringBuilder();
    int kept = 0;
    for (int i = 0; i < bytes.length; i++) {
      append(encoded, bytes[i], i == 0);
      if (encoded.length() <= room) {
        kept = encoded.length();
      }
      if (encoded.length() > MAX_ENCODED_BYTES) {
        encoded.setLength(kept);
        return encoded.append('~').append(digest(bytes)).toString();
      }
    }
    return encoded.toString();
  }

  /** RFC 4648 section 5, padded. */
  static String base64(String what, String name) {
    return Base64.getUrlEncoder().encodeToString(utf8(what, name));
  }

  private static void append(StringBuilder encoded, byte b, boolean first) {
    if ((b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '_'
        || b == '-'
        || (b == '.' && !first)) {
      encoded.append((char) b);
    } else {
      encoded.append('%').append(UPPER_HEX.toHexDigits(b));
    }
  }

  /** Strict: with a replacement character, two ill-formed names would become one file. */
  private static byte[] utf8(String what, String name) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "%s %s; allowed is well-formed Unicode".formatted(what, Names.shown(name)), e);
    }
  }

  /** What stands for a whole path that would be too long; begins as no encoded name does. */
  static String digest(String path) {
    return "~" + digest(path.getBytes(StandardCharsets.UTF_8));
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(sha256, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
