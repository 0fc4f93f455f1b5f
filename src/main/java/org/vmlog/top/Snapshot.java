package org.vmlog.top;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.vmlog.logs.LogName;
import org.vmlog.scrape.MetricsPage;
import org.vmlog.scrape.Sample;

/**
 * What was counted of all sources up to a moment. Immutable.
 *
 * @param nanos the moment, as System.nanoTime() has it
 * @param perLog bytes that one log may take; 0 if that is not known
 */
record Snapshot(
    long nanos, Map<LogName, SourceCounts> sources, long usedBytes, long capacity, long perLog) {
  private static final String SOURCE = "vmlog_source_";

  Snapshot {
    sources = Map.copyOf(sources);
  }

  /** Takes what top shows out of a page. */
  static Snapshot of(MetricsPage page, long nanos) {
    Map<LogName, Long> logs =
        page.all("vmlog_log_size_bytes").stream()
            .collect(
                Collectors.toMap(
                    sample -> LogName.ofPath(sample.label("log")),
                    sample -> (long) sample.value(),
                    Long::sum));
    Map<LogName, SourceCounts> sources = new HashMap<>();
    page.names(SOURCE).stream()
        .flatMap(metric -> page.all(metric).stream())
        .collect(Collectors.groupingBy(Snapshot::name))
        .forEach((name, all) -> sources.put(name, counts(name, all, logs)));
    return new Snapshot(
        nanos,
        sources,
        number(page, "vmlog_disk_used_bytes"),
        number(page, "vmlog_disk_capacity_bytes"),
        number(page, "vmlog_log_quota_bytes"));
  }

  private static SourceCounts counts(LogName name, List<Sample> all, Map<LogName, Long> logs) {
    Map<String, Long> dropped = new TreeMap<>();
    for (Sample sample : all) {
      if (sample.name().equals(SOURCE + "records_dropped_total") && sample.value() > 0) {
        dropped.merge(sample.label("reason"), (long) sample.value(), Long::sum);
      }
    }
    long last = (long) (sum(all, "last_written_timestamp_seconds") * 1000);
    Long used = logs.get(name);
    return new SourceCounts(
        name,
        (long) sum(all, "connections_open"),
        (long) sum(all, "records_total"),
        (long) sum(all, "written_bytes_total"),
        dropped,
        (long) sum(all, "requests_refused_total"),
        (long) sum(all, "queue_bytes"),
        used == null ? OptionalLong.empty() : OptionalLong.of(used),
        last == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(last)));
  }

  private static double sum(List<Sample> samples, String metric) {
    return samples.stream()
        .filter(sample -> sample.name().equals(SOURCE + metric))
        .mapToDouble(Sample::value)
        .sum();
  }

  private static long number(MetricsPage page, String metric) {
    return (long) page.one(metric).orElse(0);
  }

  private static LogName name(Sample sample) {
    String name = sample.label("name");
    return switch (sample.label("kind")) {
      case "vm" -> new LogName(sample.label("owner"), name);
      case "user" -> new LogName("@host", name);
      case "component" -> {
        int slash = name.lastIndexOf('/');
        yield slash < 0
            ? new LogName("@realms", name)
            : new LogName("@realms/" + name.substring(0, slash), name.substring(slash + 1));
      }
      case "anonymous" -> new LogName("@unknown", name);
      default -> new LogName("@" + sample.label("kind"), "all");
    };
  }
}
