package org.vmlog.view.render;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vmlog.platform.OneLine;

/**
 * What a guest wrote, as it is shown: with its controls escaped if it goes to a terminal, and with
 * what was looked for marked. Immutable.
 *
 * @param escaped whether nothing in it may act on a terminal
 * @param marks what is marked; nothing, if it is not in colour
 */
public record ShownText(boolean escaped, List<Pattern> marks) {
  public ShownText {
    marks = List.copyOf(marks);
  }

  String of(String text) {
    if (marks.isEmpty()) {
      return harmless(text);
    }
    boolean[] marked = new boolean[text.length() + 1];
    for (Pattern pattern : marks) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        for (int i = matcher.start(); i < matcher.end(); i++) {
          marked[i] = true;
        }
      }
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    int from = 0;
    for (int at = 1; at <= text.length(); at++) {
      if (at == text.length() || marked[at] != marked[from]) {
        String part = harmless(text.substring(from, at));
        shown.append(marked[from] ? Ansi.MARK + part + Ansi.UNMARK : part);
        from = at;
      }
    }
    return shown.toString();
  }

  /** The text without marks. */
  String harmless(String text) {
    return escaped ? OneLine.of(text) : text;
  }
}
