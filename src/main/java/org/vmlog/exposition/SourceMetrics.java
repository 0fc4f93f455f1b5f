package org.vmlog.exposition;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.VmId;
import org.vmlog.metrics.CounterSnapshot;
import org.vmlog.record.Severity;
import org.vmlog.route.DropReason;
import org.vmlog.route.StatisticsSnapshot;

/**
 * What each source has sent, under its owner and name. A source that the daemon forgets is gone
 * from here too. Of more than {@value #MAX_SOURCES}, the ones that logged last have series of their
 * own, and the others are added up under the kind {@code rest}: a host that starts thousands of VMs
 * is not to flood whoever watches it. Confined to one thread.
 */
final class SourceMetrics {
  static final int MAX_SOURCES = 1000;

  private static final Labels REST = labels("rest", "", "");

  private final Map<Object, StatisticsSnapshot> sources = new LinkedHashMap<>();
  private final Map<Object, Long> waiting = new LinkedHashMap<>();

  void add(Object source, StatisticsSnapshot statistics) {
    sources.put(source, statistics);
  }

  void addWaiting(Object source, long bytes) {
    waiting.put(source, bytes);
  }

  void addTo(MetricSnapshots.Builder all) {
    Map<Object, Labels> named = named();
    Series opened = new Series();
    Series open = new Series();
    Series spoken = new Series();
    Series speaking = new Series();
    Series records = new Series();
    Series bytes = new Series();
    Series dropped = new Series();
    Series refused = new Series();
    Series last = new Series();
    Series queued = new Series();
    sources.forEach(
        (source, one) -> {
          Labels labels = named.getOrDefault(source, REST);
          opened.add(labels, one.connectionsOpened());
          open.add(labels, one.connectionsOpen());
          one.openedBySpoken()
              .forEach((word, count) -> spoken.add(labels.add("spoken", word), count));
          one.openBySpoken()
              .forEach((word, count) -> speaking.add(labels.add("spoken", word), count));
          for (Severity severity : Severity.values()) {
            Labels by = labels.add("severity", severity.keyword());
            records.addUnlessZero(by, one.records().get(severity.number()));
            bytes.addUnlessZero(by, one.bytes().get(severity.number()));
          }
          for (DropReason why : DropReason.values()) {
            if (why != DropReason.REQUESTS_REFUSED) { // those are not lost
              // At zero as well: what begins above zero has not grown, for who watches it.
              dropped.add(labels.add("reason", word(why)), one.dropped().getOrDefault(why, 0L));
            }
          }
          one.refused()
              .forEach((why, count) -> refused.add(labels.add("reason", word(why)), count));
          one.lastWritten()
              .filter(when -> !labels.equals(REST))
              .ifPresent(when -> last.add(labels, when.toEpochMilli() / 1000.0));
          queued.add(labels, waiting.getOrDefault(source, 0L));
        });
    all.metricSnapshot(
        Families.counter("vmlog_source_connections", "Connections served.", opened.points));
    all.metricSnapshot(
        Families.gauge("vmlog_source_connections_open", "Connections now.", open.points));
    all.metricSnapshot(
        Families.counter(
            "vmlog_source_spoken", "Connections served, by what is spoken.", spoken.points));
    all.metricSnapshot(
        Families.gauge("vmlog_source_spoken_open", "Those that are open now.", speaking.points));
    all.metricSnapshot(
        Families.counter("vmlog_source_records", "Records written.", records.points));
    all.metricSnapshot(
        Families.counter("vmlog_source_written_bytes", "Their lines' bytes.", bytes.points));
    all.metricSnapshot(
        Families.counter(
            "vmlog_source_records_dropped",
            "Records lost, as drop lines in the log say.",
            dropped.points));
    all.metricSnapshot(
        Families.counter(
            "vmlog_source_requests_refused",
            "Requests not taken; their sender still has them.",
            refused.points));
    all.metricSnapshot(
        Families.gauge(
            "vmlog_source_last_written_timestamp_seconds",
            "When something was written last.",
            last.points));
    all.metricSnapshot(
        Families.gauge(
            "vmlog_source_queue_bytes", "Bytes that wait to be written.", queued.points));
  }

  private Map<Object, Labels> named() {
    Comparator<Map.Entry<Object, StatisticsSnapshot>> byLast =
        Comparator.comparing(
            entry -> entry.getValue().lastWritten().map(i -> i.toEpochMilli()).orElse(0L));
    Stream<Map.Entry<Object, StatisticsSnapshot>> kept =
        sources.size() <= MAX_SOURCES
            ? sources.entrySet().stream()
            : sources.entrySet().stream().sorted(byLast.reversed()).limit(MAX_SOURCES);
    return kept.collect(Collectors.toMap(Map.Entry::getKey, entry -> labels(entry.getKey())));
  }

  private static Labels labels(Object source) {
    if (source instanceof VmId vm) {
      return labels("vm", vm.owner(), vm.name());
    }
    if (source instanceof ComponentId component) {
      return labels("component", "", component.toString());
    }
    if (source instanceof SourceIdentity.Anonymous guest) {
      return labels("anonymous", "", Long.toString(guest.cid()));
    }
    if (source instanceof SourceIdentity.HostUser user) {
      return labels("user", "", Integer.toUnsignedString(user.uid()));
    }
    return labels("other", "", source.toString());
  }

  private static Labels labels(String kind, String owner, String name) {
    return Labels.of("kind", kind, "name", name, "owner", owner);
  }

  private static String word(Enum<?> reason) {
    return CounterSnapshot.word(reason);
  }

  /** One family's points; those that fall together are added up. */
  private static final class Series {
    final Map<Labels, Double> points = new LinkedHashMap<>();

    void add(Labels labels, long value) {
      add(labels, (double) value);
    }

    void add(Labels labels, double value) {
      points.merge(labels, value, Double::sum);
    }

    void addUnlessZero(Labels labels, long value) {
      if (value != 0) {
        add(labels, value);
      }
    }
  }
}
