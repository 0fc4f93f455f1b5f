package org.vmlog.bench;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** One figure of several rounds. Thread-safe. */
record Spread(double min, double median, double max) {
  static Spread of(DoubleStream figures) {
    double[] sorted = figures.sorted().toArray();
    return new Spread(sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
  }

  /** The median, then the range. */
  String format(int decimals) {
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + "–" + number + ")", median, min, max);
  }
}
