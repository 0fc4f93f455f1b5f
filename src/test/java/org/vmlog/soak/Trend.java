package org.vmlog.soak;

import java.util.List;
import java.util.Locale;

/**
 * How a measure went: a straight line through its samples (least squares), from its beginning to
 * its end. Immutable.
 *
 * @param start what the line says for the first sample
 * @param end what it says for the last
 */
record Trend(Sample.Measure measure, double start, double end) {

  static Trend of(Sample.Measure measure, List<Sample> samples) {
    double meanX = samples.stream().mapToDouble(Sample::seconds).average().orElseThrow();
    double meanY = samples.stream().mapToDouble(measure.of).average().orElseThrow();
    double covariance = 0;
    double variance = 0;
    for (Sample sample : samples) {
      double x = sample.seconds() - meanX;
      covariance += x * (measure.of.applyAsDouble(sample) - meanY);
      variance += x * x;
    }
    double slope = variance == 0 ? 0 : covariance / variance;
    double first = samples.get(0).seconds();
    double last = samples.get(samples.size() - 1).seconds();
    return new Trend(measure, meanY + slope * (first - meanX), meanY + slope * (last - meanX));
  }

  /** Whether it grew by no more than a measure wanders that holds on to nothing. */
  boolean isFlat() {
    return end - start <= measure.allowance;
  }

  /** In a few words. */
  String summary() {
    return String.format(Locale.ROOT, "%s %+.0f", measure.title, end - start);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-12s %9.0f -> %9.0f, may grow by %.0f: %s",
        measure.title,
        start,
        end,
        measure.allowance,
        isFlat() ? "flat" : "GROWS");
  }
}
