package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Undoes {@link ScrubMode#STRICT}. */
final class StrictUnscrubber {
  private static final Pattern PIECE =
      Pattern.compile("#x([0-9A-F]{2})|#([0-7]{3})|#\\{([0-7]+)\\}|([^#]+)");

  private StrictUnscrubber() {}

  static byte[] unscrub(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Matcher piece = PIECE.matcher(text);
    int at = 0;
    while (piece.lookingAt()) {
      if (piece.group(1) != null) {
        out.write(Integer.parseInt(piece.group(1), 16));
      } else if (piece.group(4) != null) {
        out.writeBytes(piece.group(4).getBytes(UTF_8));
      } else {
        String octal = piece.group(2) != null ? piece.group(2) : piece.group(3);
        out.writeBytes(ReferenceScrubber.encode(Integer.parseInt(octal, 8)));
      }
      at = piece.end();
      piece.region(at, text.length());
    }
    if (at != text.length()) {
      throw new IllegalArgumentException("no escape at " + at + ": " + text);
    }
    return out.toByteArray();
  }
}
