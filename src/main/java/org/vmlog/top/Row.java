package org.vmlog.top;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.vmlog.logs.LogName;

/**
 * A source as it is shown: what was counted, and how much of it a second since the look before.
 * Immutable.
 *
 * @param droppedNow records in that time, by why
 */
record Row(
    SourceCounts counts,
    double recordsPerSecond,
    double bytesPerSecond,
    Map<String, Long> droppedNow) {

  /** All sources of a moment; without a moment before, nothing is known of their rates. */
  static List<Row> between(Optional<Snapshot> before, Snapshot now) {
    double seconds = before.map(one -> (now.nanos() - one.nanos()) / 1e9).orElse(0.0);
    List<Row> rows = new ArrayList<>();
    for (SourceCounts counts : now.sources().values()) {
      SourceCounts then =
          before.map(one -> one.sources().get(counts.name())).orElse(seconds > 0 ? null : counts);
      rows.add(of(Optional.ofNullable(then), counts, seconds));
    }
    return rows;
  }

  private static Row of(Optional<SourceCounts> then, SourceCounts now, double seconds) {
    Map<String, Long> dropped = new TreeMap<>();
    now.dropped()
        .forEach(
            (why, count) -> {
              long more = more(then.map(c -> c.dropped().getOrDefault(why, 0L)).orElse(0L), count);
              if (more > 0) {
                dropped.put(why, more);
              }
            });
    return new Row(
        now,
        rate(more(then.map(SourceCounts::records).orElse(0L), now.records()), seconds),
        rate(more(then.map(SourceCounts::bytes).orElse(0L), now.bytes()), seconds),
        dropped);
  }

  /** A forwarder that was started anew counts from zero, as Prometheus has it. */
  private static long more(long before, long now) {
    return now < before ? now : now - before;
  }

  private static double rate(long more, double seconds) {
    return seconds > 0 ? more / seconds : 0;
  }

  LogName name() {
    return counts.name();
  }
}
