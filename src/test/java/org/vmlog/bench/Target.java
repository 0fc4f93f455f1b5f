package org.vmlog.bench;

import java.util.List;
import java.util.Locale;

/**
 * What a figure is to be, and what it is. Thread-safe.
 *
 * @param floor what is still acceptable; the same as the target where nothing less is
 * @param atLeast whether the figure is to be at least that, rather than at most
 */
record Target(String name, double figure, double target, double floor, boolean atLeast) {
  static Target atMost(String name, double figure, double target) {
    return new Target(name, figure, target, target, false);
  }

  static Target atMost(String name, double figure, double target, double floor) {
    return new Target(name, figure, target, floor, false);
  }

  static Target atLeast(String name, double figure, double target) {
    return new Target(name, figure, target, target, true);
  }

  private String verdict() {
    if (reaches(target)) {
      return "reached";
    }
    return reaches(floor) ? "reaches the floor" : "missed";
  }

  private boolean reaches(double limit) {
    return atLeast ? figure >= limit : figure <= limit;
  }

  static Table table(List<Target> targets) {
    Table table = new Table("target", "figure", "to be", "");
    for (Target each : targets) {
      table.row(
          each.name,
          number(each.figure),
          (each.atLeast ? "≥ " : "≤ ") + number(each.target),
          each.verdict());
    }
    return table;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
  }
}
