package org.vmlog.view.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.LineView;

/**
 * What a line's content is to hold: what stands behind the host's word, the tag included. Regular
 * expressions are RE2's, which take time in proportion to the text whatever is typed. Immutable,
 * thread-safe.
 */
public final class TextMatch {
  /**
   * Of an expression with its repeats written out: the time for each character is of that order.
   */
  static final int MAX_SIZE = 5_000;

  private static final int MAX_LENGTH = 64 * 1024;

  private static final int LITERAL = java.util.regex.Pattern.LITERAL;
  private static final int EITHER_CASE =
      java.util.regex.Pattern.CASE_INSENSITIVE | java.util.regex.Pattern.UNICODE_CASE;

  /** What is before and behind a word: the edge of the text, or none of a word's characters. */
  private static final String BEFORE_WORD = "(?:^|\\W)(";

  private static final String BEHIND_WORD = ")(?:\\W|$)";

  private final Finder finder;
  private final @Nullable Needle needle;
  private final boolean plain;

  private TextMatch(Finder finder, @Nullable Needle needle, boolean plain) {
    this.finder = finder;
    this.needle = needle;
    this.plain = plain;
  }

  /** Finds what is looked for in a text, from a place on. */
  @FunctionalInterface
  private interface Finder {
    /** Where it begins and ends; null if it is not there. */
    int @Nullable [] find(String text, int from);
  }

  /**
   * A regular expression.
   *
   * @throws IllegalArgumentException that says where it is wrong, or that it is too large
   */
  public static TextMatch regex(String regex, boolean ignoreCase) {
    return !regex.isEmpty() && RegexShape.isPlain(regex)
        ? plain(regex, ignoreCase)
        : compiled(regex, ignoreCase, 0);
  }

  private static TextMatch compiled(String regex, boolean ignoreCase, int group) {
    RegexShape shape = RegexShape.of(regex);
    if (regex.length() > MAX_LENGTH
        || shape.size() > MAX_SIZE
        || shape.depth() > RegexShape.MAX_DEPTH) {
      throw tooLarge(regex);
    }
    try {
      Pattern pattern = Pattern.compile(regex, ignoreCase ? Pattern.CASE_INSENSITIVE : 0);
      if (pattern.programSize() > 2 * MAX_SIZE) {
        throw tooLarge(regex);
      }
      return new TextMatch(
          (text, from) -> {
            Matcher matcher = pattern.matcher(text);
            return matcher.find(from) ? new int[] {matcher.start(group), matcher.end(group)} : null;
          },
          needle(ignoreCase ? "" : shape.required()),
          false);
    } catch (PatternSyntaxException e) {
      // RE2/J puts its flag before what was typed.
      String part = ignoreCase ? e.getPattern().replace("(?i)", "") : e.getPattern();
      throw new IllegalArgumentException(
          "regular expression \"%s\": %s%s"
              .formatted(regex, e.getDescription(), part.isEmpty() ? "" : ", at \"" + part + "\""),
          e);
    }
  }

  private static IllegalArgumentException tooLarge(String regex) {
    return new IllegalArgumentException(
        ("regular expression \"%s\": too large; allowed are %s characters when its repeats are"
                + " written out, and groups %s deep")
            .formatted(
                regex.length() > 100 ? regex.substring(0, 100) + "…" : regex,
                MAX_SIZE,
                RegexShape.MAX_DEPTH));
  }

  /** The text itself. */
  public static TextMatch plain(String text, boolean ignoreCase) {
    // What is no UTF-8 in a file becomes U+FFFD where it is looked at, and not in its bytes.
    boolean inBytes = !ignoreCase && text.indexOf('\uFFFD') < 0;
    // Java's takes no more than RE2's time for a literal, and is ten times faster in either case.
    java.util.regex.Pattern literal =
        java.util.regex.Pattern.compile(text, ignoreCase ? LITERAL | EITHER_CASE : LITERAL);
    return new TextMatch(
        (where, from) -> {
          java.util.regex.Matcher matcher = literal.matcher(where);
          return matcher.find(from) ? new int[] {matcher.start(), matcher.end()} : null;
        },
        inBytes ? needle(text) : null,
        inBytes);
  }

  /**
   * Any of several, as grep's {@code -e}, {@code -F} and {@code -w} have them.
   *
   * @param fixed whether they are texts, and not expressions
   * @param word whether none of a word's characters, which are ASCII's letters and digits and the
   *     underscore, may stand before or behind what is found
   * @throws IllegalArgumentException that says what is wrong with which
   */
  public static TextMatch any(List<String> texts, boolean fixed, boolean word, boolean ignoreCase) {
    if (texts.size() == 1 && !word) {
      return fixed ? plain(texts.get(0), ignoreCase) : regex(texts.get(0), ignoreCase);
    }
    List<String> regexes = texts.stream().map(text -> fixed ? Pattern.quote(text) : text).toList();
    regexes.forEach(regex -> compiled(regex, ignoreCase, 0)); // each is right by itself
    String either = "(?:" + String.join(")|(?:", regexes) + ")";
    return word
        ? compiled(BEFORE_WORD + either + BEHIND_WORD, ignoreCase, 1)
        : compiled(either, ignoreCase, 0);
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
    return isIn(line.content());
  }

  /** Whether this text holds it, without a look for what it cannot be without. */
  boolean isIn(String text) {
    return finder.find(text, 0) != null;
  }

  /** What a line without which none of it can be there, if there is such a thing. */
  public Optional<Needle> needle() {
    return Optional.ofNullable(needle);
  }

  /** Sets the bits of all characters of the text that belong to what is found. */
  public void mark(String text, BitSet marked) {
    int from = 0;
    while (from <= text.length()) {
      int[] found = finder.find(text, from);
      if (found == null) {
        return;
      }
      marked.set(found[0], found[1]);
      from = found[1] > from ? found[1] : from + 1;
    }
  }
}
