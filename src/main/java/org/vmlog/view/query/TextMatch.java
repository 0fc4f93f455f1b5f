package org.vmlog.view.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.LineView;

/**
 * What a line's content is to hold: what stands behind the host's word, the tag included.
 * Immutable.
 */
public final class TextMatch {
  private final Pattern pattern;
  private final @Nullable Needle needle;
  private final boolean plain;

  private TextMatch(Pattern pattern, @Nullable Needle needle, boolean plain) {
    this.pattern = pattern;
    this.needle = needle;
    this.plain = plain;
  }

  /**
   * A regular expression, java.util.regex's.
   *
   * @throws IllegalArgumentException that says where it is wrong
   */
  public static TextMatch regex(String regex, boolean ignoreCase) {
    if (!ignoreCase && RequiredLiteral.isPlain(regex) && !regex.isEmpty()) {
      return plain(regex, false);
    }
    try {
      String required = ignoreCase ? "" : RequiredLiteral.of(regex);
      return new TextMatch(Pattern.compile(regex, flags(ignoreCase)), needle(required), false);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "regular expression \"%s\": %s, at %s"
              .formatted(regex, e.getDescription(), Math.max(0, e.getIndex())),
          e);
    }
  }

  /** The text itself. */
  public static TextMatch plain(String text, boolean ignoreCase) {
    Pattern pattern = Pattern.compile(text, flags(ignoreCase) | Pattern.LITERAL);
    return new TextMatch(pattern, ignoreCase ? null : needle(text), !ignoreCase);
  }

  private static int flags(boolean ignoreCase) {
    return ignoreCase ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
  }

  private static @Nullable Needle needle(String text) {
    return text.isEmpty() ? null : new Needle(text.getBytes(UTF_8));
  }

  /** Whether the line holds it. */
  public boolean holds(LineView line) {
    if (needle != null) {
      boolean there = needle.find(line.bytes(), line.contentFrom(), line.to()) >= 0;
      if (plain || !there) {
        return there;
      }
    }
    return pattern.matcher(line.content()).find();
  }

  /** What a line without which none of it can be there, if there is such a thing. */
  public Optional<Needle> needle() {
    return Optional.ofNullable(needle);
  }

  /** For marking where it stands. */
  public Pattern pattern() {
    return pattern;
  }
}
