package org.vmlog.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows of text whose columns begin below each other. Confined to one thread. */
final class TextTable {
  private static final int GAP = 2;

  private final List<List<String>> rows = new ArrayList<>();

  /** Adds a row; all rows have as many cells as the first. */
  TextTable row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** Prints it, each line after so many spaces. */
  void print(PrintWriter out, int indent) {
    if (rows.isEmpty()) {
      return;
    }
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(" ".repeat(indent));
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + GAP));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
