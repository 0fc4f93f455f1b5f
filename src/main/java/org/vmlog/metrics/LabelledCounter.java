package org.vmlog.metrics;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Counts of one thing that comes in kinds, such as refusals by their reason. Thread-safe, and cheap
 * when many threads count at once.
 *
 * @param <L> the kinds
 */
public final class LabelledCounter<L extends Enum<L>> {
  private final Map<L, Counter> counters; // filled once

  /** Counts at zero for each of the kinds. */
  public LabelledCounter(Class<L> labels) {
    Map<L, Counter> all = new EnumMap<>(labels);
    for (L label : labels.getEnumConstants()) {
      all.put(label, new Counter());
    }
    counters = Collections.unmodifiableMap(all);
  }

  /** The count of one kind. */
  public Counter of(L label) {
    return Objects.requireNonNull(counters.get(label));
  }

  /** What was counted of each kind so far, in their order. */
  public Map<L, Counter> all() {
    return counters;
  }

  /** What was counted of all kinds. */
  public long value() {
    return counters.values().stream().mapToLong(Counter::value).sum();
  }
}
