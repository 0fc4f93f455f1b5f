package org.vmlog.top;

import org.jline.utils.WCWidth;

/** Text in a terminal's cells, of which a character may take none, one or two. Stateless. */
final class Cells {
  private Cells() {}

  static int width(String text) {
    return text.codePoints().map(Cells::width).sum();
  }

  /** As wide as this: what is longer ends in three dots, what is shorter in spaces. */
  static String left(String text, int width) {
    String fitting = width(text) <= width ? text : cut(text, width - 3) + "...";
    return fitting + " ".repeat(width - width(fitting));
  }

  /** As much of it as fits. */
  static String cut(String text, int width) {
    StringBuilder cut = new StringBuilder();
    int taken = 0;
    for (int c : text.codePoints().toArray()) {
      taken += width(c);
      if (taken > width) {
        break;
      }
      cut.appendCodePoint(c);
    }
    return cut.toString();
  }

  private static int width(int codePoint) {
    return Math.max(0, WCWidth.wcwidth(codePoint));
  }
}
