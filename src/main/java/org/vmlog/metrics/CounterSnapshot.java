package org.vmlog.metrics;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What counters said at a moment, under the names that they are shown by: words with underscores
 * between them, the thing before what became of it. Confined to one thread.
 */
public final class CounterSnapshot {
  private final Map<String, Long> plain = new LinkedHashMap<>();
  private final Map<String, Map<String, Long>> labelled = new LinkedHashMap<>();

  /** Takes a counter in. */
  public CounterSnapshot add(String name, Counter counter) {
    return add(name, counter.value());
  }

  /** Takes a number in that is no counter's. */
  public CounterSnapshot add(String name, long value) {
    plain.put(name, value);
    return this;
  }

  /** Takes a counter of several kinds in, each under its {@link #word}. */
  public CounterSnapshot add(String name, LabelledCounter<?> counter) {
    Map<String, Long> values = new LinkedHashMap<>();
    counter.all().forEach((label, count) -> values.put(word(label), count.value()));
    labelled.put(name, values);
    return this;
  }

  /** A kind as one word for programs, such as {@code too-large}. */
  public static String word(Enum<?> label) {
    return label.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Those without kinds, in the order in which they were added. */
  public Map<String, Long> plain() {
    return plain;
  }

  /** Those with kinds, and each of their kinds. */
  public Map<String, Map<String, Long>> labelled() {
    return labelled;
  }
}
