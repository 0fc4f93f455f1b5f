package org.vmlog.bench;

import java.util.ArrayList;
import java.util.List;

/** A table that is Markdown and can be read as it stands. Confined to one thread. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * Makes a table without rows.
   *
   * @param columns their heads; the first is of text, the others of numbers
   */
  Table(String... columns) {
    rows.add(List.of(columns));
  }

  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        text.append(
            ("| %" + (column == 0 ? "-" : "") + width(column) + "s ").formatted(row.get(column)));
      }
      text.append("|\n");
      if (row == rows.get(0)) {
        text.append(ruler());
      }
    }
    return text.toString();
  }

  private String ruler() {
    StringBuilder ruler = new StringBuilder();
    for (int column = 0; column < rows.get(0).size(); column++) {
      int width = width(column) + 2;
      ruler.append('|').append(column == 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":");
    }
    return ruler + "|\n";
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).reduce(1, Math::max);
  }
}
