package org.vmlog.route;

import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The statistics of all sources. A source that is there keeps its own; of those that are gone, the
 * {@value #MAX_GONE} that were last opened are kept, so that a VM that is started again goes on
 * counting, and guests that come under ever new CIDs take no more than that. Guarded by the
 * router's lock.
 */
final class StatisticsTable {
  static final int MAX_GONE = 512;

  private final InstantSource clock;
  private final Predicate<Object> isThere;
  private final LinkedHashMap<Object, SourceStatistics> bySource =
      new LinkedHashMap<>(16, 0.75f, true); // the one that was opened last is the last

  /**
   * Makes an empty table.
   *
   * @param isThere whether a source has a route now
   */
  StatisticsTable(InstantSource clock, Predicate<Object> isThere) {
    this.clock = clock;
    this.isThere = isThere;
  }

  /** A source's own, for a route that is opened. */
  SourceStatistics of(Object source) {
    SourceStatistics known = bySource.get(source);
    if (known == null) {
      known = new SourceStatistics(clock);
      bySource.put(source, known);
      forgetOldest();
    }
    return known;
  }

  private void forgetOldest() {
    if (bySource.size() <= MAX_GONE) {
      return;
    }
    long gone = bySource.keySet().stream().filter(source -> !isThere.test(source)).count();
    Iterator<Object> oldestFirst = bySource.keySet().iterator();
    while (gone > MAX_GONE) {
      if (!isThere.test(oldestFirst.next())) {
        oldestFirst.remove();
        gone--;
      }
    }
  }

  Map<Object, StatisticsSnapshot> snapshot() {
    Map<Object, StatisticsSnapshot> snapshots = new LinkedHashMap<>();
    bySource.forEach((source, statistics) -> snapshots.put(source, statistics.snapshot()));
    return snapshots;
  }
}
