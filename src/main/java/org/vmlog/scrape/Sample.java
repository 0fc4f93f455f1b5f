package org.vmlog.scrape;

import java.util.Map;

/**
 * One number of a page. Immutable.
 *
 * @param name the metric's, as {@code vmlog_source_records_total}
 * @param labels of what it is, by their names
 */
public record Sample(String name, Map<String, String> labels, double value) {
  public Sample {
    labels = Map.copyOf(labels);
  }

  /** A label's value; empty if it has no such label. */
  public String label(String label) {
    return labels.getOrDefault(label, "");
  }
}
