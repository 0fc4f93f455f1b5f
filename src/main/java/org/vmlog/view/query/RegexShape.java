package org.vmlog.view.query;

import java.util.ArrayList;
import java.util.List;

/**
 * What can be told of a regular expression before it is compiled. It follows RE2's grammar, and
 * where it is not sure it says less: then there is no literal. An expression that RE2 refuses may
 * have any shape. Immutable.
 *
 * @param required text that stands in all that the expression finds; empty if there is none that is
 *     easily told. Looking for that first is many times faster
 * @param size how long the expression is with its repeats written out, about
 * @param depth how deep its groups are
 */
record RegexShape(String required, long size, int depth) {
  /** Groups below this are not looked into: both this and RE2/J go into each by recursion. */
  static final int MAX_DEPTH = 250;

  private static final String SPECIAL = "\\^$.|?*+()[]{}";

  /** Whether no character of it means anything but itself. */
  static boolean isPlain(String regex) {
    return regex.chars().allMatch(c -> SPECIAL.indexOf(c) < 0);
  }

  static RegexShape of(String regex) {
    Walk walk = new Walk(regex);
    Part whole = walk.alternatives();
    return new RegexShape(
        walk.at < regex.length() || walk.unsure ? "" : whole.required(),
        whole.size(),
        walk.deepest);
  }

  /**
   * A part of the expression.
   *
   * @param exact whether it finds nothing but what it requires
   * @param framed whether what it finds begins and ends with that
   */
  private record Part(String required, boolean exact, boolean framed, long size) {
    static final Part ASSERTION = new Part("", true, true, 1);
    static final Part ANY = new Part("", false, false, 1);

    /** This part so many times. */
    Part repeated(long least, long most) {
      long times = Math.max(1, Math.min(most, Integer.MAX_VALUE));
      return least == 0
          ? new Part("", false, false, bounded(size * times + 1))
          : new Part(required, exact && most == 1, framed, bounded(size * times + 1));
    }
  }

  /** Sizes are compared with far smaller ones. */
  private static long bounded(long size) {
    return Math.min(size, Integer.MAX_VALUE);
  }

  /** One walk over an expression. Confined to one thread. */
  private static final class Walk {
    private final String regex;
    private int at;
    private int depth;
    private int deepest;
    private boolean unsure;

    Walk(String regex) {
      this.regex = regex;
    }

    /** To the end, or to the parenthesis that closes the group. */
    Part alternatives() {
      List<Part> parts = new ArrayList<>();
      parts.add(sequence());
      while (at < regex.length() && regex.charAt(at) == '|') {
        at++;
        parts.add(sequence());
      }
      long size = bounded(parts.stream().mapToLong(Part::size).sum() + parts.size() - 1);
      return parts.size() == 1 ? parts.get(0) : new Part("", false, false, size);
    }

    private Part sequence() {
      String longest = "";
      StringBuilder run = new StringBuilder();
      boolean exact = true;
      long size = 0;
      while (at < regex.length() && "|)".indexOf(regex.charAt(at)) < 0) {
        Part part = repeats(atom());
        size = bounded(size + part.size());
        if (part.exact()) {
          run.append(part.required());
        } else {
          exact = false;
          String before = part.framed() ? run + part.required() : run.toString();
          longest = longer(longest, longer(before, part.required()));
          run.setLength(0);
          run.append(part.framed() ? part.required() : "");
        }
      }
      return new Part(longer(longest, run.toString()), exact, exact, Math.max(1, size));
    }

    private static String longer(String one, String other) {
      return other.length() > one.length() ? other : one;
    }

    private Part atom() {
      int c = regex.codePointAt(at);
      at += Character.charCount(c);
      return switch (c) {
        case '^', '$' -> Part.ASSERTION;
        case '.' -> Part.ANY;
        case '[' -> set();
        case '(' -> group();
        case '\\' -> escape();
        default -> literal(c);
      };
    }

    private static Part literal(int c) {
      // What is no UTF-8 in a file becomes U+FFFD where it is looked at, and not in its bytes.
      return c == 0xFFFD || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
          ? Part.ANY
          : new Part(Character.toString(c), true, true, 1);
    }

    private Part group() {
      if (regex.startsWith("?", at)) {
        int named = regex.startsWith("?P<", at) || regex.startsWith("?<", at) ? '>' : 0;
        int end = at + 1;
        while (end < regex.length()
            && (named == 0 ? ":)".indexOf(regex.charAt(end)) < 0 : regex.charAt(end) != named)) {
          unsure |= named == 0 && regex.charAt(end) == 'i'; // either case, from here on
          end++;
        }
        at = Math.min(regex.length(), end + 1);
        if (end >= regex.length() || regex.charAt(end) == ')') {
          return Part.ASSERTION; // (?s), which holds no text
        }
      }
      depth++;
      deepest = Math.max(deepest, depth);
      if (depth > MAX_DEPTH) {
        at = regex.length();
        unsure = true;
        return Part.ANY;
      }
      Part inside = alternatives();
      depth--;
      at++; // its end; without one, RE2 refuses it
      return new Part(
          inside.required(), inside.exact(), inside.framed(), bounded(inside.size() + 2));
    }

    /** A closing bracket that stands first is a member. */
    private Part set() {
      if (regex.startsWith("^", at)) {
        at++;
      }
      for (boolean first = true; at < regex.length(); first = false) {
        char c = regex.charAt(at);
        int named = c == '[' && regex.startsWith("[:", at) ? regex.indexOf(":]", at + 2) : -1;
        if (c == ']' && !first) {
          at++;
          return Part.ANY;
        }
        if (named >= 0) {
          at = named + 2;
        } else {
          at += c == '\\' ? 2 : 1;
        }
      }
      unsure = true;
      return Part.ANY;
    }

    private Part escape() {
      if (at == regex.length()) {
        unsure = true;
        return Part.ANY;
      }
      int c = regex.codePointAt(at);
      at += Character.charCount(c);
      if (SPECIAL.indexOf(c) >= 0) {
        return literal(c);
      }
      if (c == 'A' || c == 'b' || c == 'B' || c == 'z') {
        return Part.ASSERTION;
      }
      if (c == 'Q') {
        unsure = true; // a repeat is of its last character alone
        int from = at;
        goBehind("\\E");
        return new Part("", false, false, 1 + at - from);
      }
      if ((c == 'x' || c == 'p' || c == 'P') && regex.startsWith("{", at)) {
        goBehind("}");
      }
      unsure |= "dDsSwW".indexOf(c) < 0; // more of it may follow
      return Part.ANY;
    }

    private void goBehind(String end) {
      int found = regex.indexOf(end, at);
      at = found < 0 ? regex.length() : found + end.length();
    }

    /** {@code *}, {@code +}, {@code ?}, {@code {2,3}}, and the question mark behind them. */
    private Part repeats(Part atom) {
      Part part = atom;
      while (at < regex.length()) {
        char c = regex.charAt(at);
        if (c == '*' || c == '+' || c == '?') {
          part = part.repeated(c == '+' ? 1 : 0, c == '+' ? 2 : 1);
          at++;
        } else if (c != '{' || !counted()) {
          return part;
        } else {
          part = part.repeated(least, most);
        }
      }
      return part;
    }

    private long least;
    private long most;

    /** Takes {@code {2}}, {@code {2,}} or {@code {2,3}}; a brace that is none stands for itself. */
    private boolean counted() {
      int comma = digits(at + 1);
      int end = comma < regex.length() && regex.charAt(comma) == ',' ? digits(comma + 1) : comma;
      if (comma == at + 1 || end >= regex.length() || regex.charAt(end) != '}') {
        return false;
      }
      least = number(at + 1, comma);
      if (end == comma) {
        most = least;
      } else {
        most = end == comma + 1 ? least + 1 : number(comma + 1, end);
      }
      at = end + 1;
      return true;
    }

    private int digits(int from) {
      int end = from;
      while (end < regex.length() && regex.charAt(end) >= '0' && regex.charAt(end) <= '9') {
        end++;
      }
      return end;
    }

    private long number(int from, int to) {
      return to - from > 9 ? Integer.MAX_VALUE : Long.parseLong(regex.substring(from, to));
    }
  }
}
