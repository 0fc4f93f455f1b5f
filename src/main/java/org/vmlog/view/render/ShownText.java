package org.vmlog.view.render;

import java.util.BitSet;
import java.util.List;
import org.vmlog.platform.OneLine;
import org.vmlog.view.query.TextMatch;

/**
 * What a guest wrote, as it is shown: with its controls escaped if it goes to a terminal, and with
 * what was looked for marked. Immutable.
 *
 * @param escaped whether nothing in it may act on a terminal
 * @param marks what is marked; nothing, if it is not in colour
 */
public record ShownText(boolean escaped, List<TextMatch> marks) {
  public ShownText {
    marks = List.copyOf(marks);
  }

  String of(String text) {
    if (marks.isEmpty()) {
      return harmless(text);
    }
    BitSet marked = new BitSet(text.length());
    marks.forEach(mark -> mark.mark(text, marked));
    StringBuilder shown = new StringBuilder(text.length() + 16);
    int from = 0;
    for (int at = 1; at <= text.length(); at++) {
      if (at == text.length() || marked.get(at) != marked.get(from)) {
        String part = harmless(text.substring(from, at));
        shown.append(marked.get(from) ? Ansi.MARK + part + Ansi.UNMARK : part);
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
