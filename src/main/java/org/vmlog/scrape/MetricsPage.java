package org.vmlog.scrape;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The forwarder's numbers at one moment, in Prometheus' text format (its "Exposition formats").
 * Immutable.
 */
public final class MetricsPage {
  private final Map<String, List<Sample>> samples = new HashMap<>();

  private MetricsPage() {}

  /**
   * Reads a page.
   *
   * @throws IllegalArgumentException if it is in another format; says which line
   */
  public static MetricsPage parse(String text) {
    MetricsPage page = new MetricsPage();
    text.lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> new SampleParser(line).parse())
        .forEach(
            sample ->
                page.samples
                    .computeIfAbsent(sample.name(), missing -> new ArrayList<>())
                    .add(sample));
    return page;
  }

  /** All numbers of a metric; none if there is no such metric. */
  public List<Sample> all(String name) {
    return List.copyOf(samples.getOrDefault(name, List.of()));
  }

  /** The names of all metrics that begin so. */
  public List<String> names(String prefix) {
    return samples.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
  }

  /** The number of a metric that has one. */
  public OptionalDouble one(String name) {
    return all(name).stream().mapToDouble(Sample::value).findFirst();
  }
}
