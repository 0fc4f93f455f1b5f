package org.vmlog.lifecycle.dbus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.vmlog.metrics.CounterSnapshot;
import org.vmlog.record.Severity;
import org.vmlog.route.DropReason;
import org.vmlog.route.StatisticsSnapshot;

/** Statistics and counters as D-Bus tells them, {@code a{sv}}. Thread-safe. */
final class StatisticsView {
  private StatisticsView() {}

  /** What one source has sent. */
  static Map<String, Variant<?>> of(StatisticsSnapshot source) {
    Map<String, Variant<?>> values = new LinkedHashMap<>();
    values.put("connections_opened", number(source.connectionsOpened()));
    values.put("connections_open", number(source.connectionsOpen()));
    values.put("records", bySeverity(source.records()));
    values.put("bytes", bySeverity(source.bytes()));
    values.put("dropped", numbers(source.dropped(), DropReason::word));
    values.put("refused", numbers(source.refused(), CounterSnapshot::word));
    source
        .lastWritten()
        .ifPresent(
            when -> {
              long micros = when.getEpochSecond() * 1_000_000 + when.getNano() / 1000;
              values.put("last_written", number(micros));
            });
    return values;
  }

  /** What the daemon counts, and the CIDs of guests that nobody had announced. */
  static Map<String, Variant<?>> of(CounterSnapshot counters, List<Long> unknownCids) {
    Map<String, Variant<?>> values = new LinkedHashMap<>();
    counters.plain().forEach((name, value) -> values.put(name, number(value)));
    counters
        .labelled()
        .forEach((name, kinds) -> values.put(name, numbers(kinds, Function.identity())));
    values.put("unknown_cids", new Variant<>(unknownCids.stream().map(UInt64::new).toList(), "at"));
    return values;
  }

  private static Variant<?> bySeverity(List<Long> counts) {
    Map<String, Long> named = new LinkedHashMap<>();
    for (int severity = 0; severity < counts.size(); severity++) {
      named.put(Severity.of(severity).keyword(), counts.get(severity));
    }
    return numbers(named, Function.identity());
  }

  private static <K> Variant<?> numbers(Map<K, Long> counts, Function<K, String> word) {
    Map<String, UInt64> numbers = new LinkedHashMap<>();
    counts.forEach((key, count) -> numbers.put(word.apply(key), new UInt64(count)));
    return new Variant<>(numbers, "a{st}");
  }

  private static Variant<UInt64> number(long value) {
    return new Variant<>(new UInt64(value), "t");
  }
}
