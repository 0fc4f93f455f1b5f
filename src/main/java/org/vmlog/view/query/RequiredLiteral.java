package org.vmlog.view.query;

/**
 * What a regular expression cannot match without: its longest run of plain characters that is in no
 * group, set or alternative and need not be repeated. Looking for that first is many times faster.
 * Stateless.
 */
final class RequiredLiteral {
  private static final String SPECIAL = "\\^$.|?*+()[]{}";

  private RequiredLiteral() {}

  /** Whether no character of it means anything but itself. */
  static boolean isPlain(String regex) {
    return regex.chars().allMatch(c -> SPECIAL.indexOf(c) < 0);
  }

  /** Empty if there is none that is easily told. */
  static String of(String regex) {
    if (regex.indexOf('|') >= 0 || regex.contains("(?") || regex.contains("\\Q")) {
      return "";
    }
    String longest = "";
    StringBuilder run = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      char plain = 0;
      if (c == '\\' && i + 1 < regex.length()) {
        i++;
        plain = SPECIAL.indexOf(regex.charAt(i)) >= 0 ? regex.charAt(i) : 0;
        if (plain == 0 && regex.charAt(i) != 'b') {
          return ""; // \x41, \p{…}: more of it may follow
        }
      } else if (c == '[') {
        i = setEnd(regex, i);
        if (i < 0) {
          return "";
        }
      } else if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      } else if (c == '{') {
        i = Math.max(i, regex.indexOf('}', i));
      } else if (SPECIAL.indexOf(c) < 0) {
        plain = c;
      }
      boolean optional = i + 1 < regex.length() && "?*{".indexOf(regex.charAt(i + 1)) >= 0;
      boolean repeated = i + 1 < regex.length() && regex.charAt(i + 1) == '+';
      if (plain != 0 && depth == 0 && !optional) {
        run.append(plain);
      }
      if (plain == 0 || depth > 0 || optional || repeated) {
        longest = run.length() > longest.length() ? run.toString() : longest;
        run.setLength(0);
      }
    }
    return run.length() > longest.length() ? run.toString() : longest;
  }

  /** Where a set ends; -1 if that is not easily told. */
  private static int setEnd(String regex, int from) {
    int close = regex.indexOf(']', from + 2);
    String inside = close < 0 ? "[" : regex.substring(from + 1, close);
    return inside.indexOf('[') >= 0 || inside.indexOf('\\') >= 0 || inside.indexOf('&') >= 0
        ? -1
        : close;
  }
}
