package org.vmlog.exposition;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** vmlog-ship's numbers, under the names that docs/metrics.md lists. Thread-safe. */
public final class ShipMetrics implements Supplier<byte[]> {
  private final Supplier<ShipFigures> figures;

  /** Shows what these are when it is asked. */
  public ShipMetrics(Supplier<ShipFigures> figures) {
    this.figures = figures;
  }

  @Override
  public byte[] get() {
    ShipFigures now = figures.get();
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    all.metricSnapshot(Families.build("vmlog_ship_build", "The running vmlog-ship."));
    Map<String, Long> states = new LinkedHashMap<>();
    now.states().forEach(state -> states.put(state, state.equals(now.state()) ? 1L : 0L));
    gauge(all, "state", "1 for how it goes, 0 for all else.", Families.by("state", states));
    gauge(all, "logs", "Logs that are read.", now.logs());
    gauge(all, "blocked_logs", "Logs whose next line is too large.", now.blockedLogs());
    gauge(all, "unreadable_files", "Files that cannot be read.", now.unreadableFiles());
    gauge(all, "behind_bytes", "What is in files and not acknowledged.", now.behindBytes());
    gauge(
        all,
        "last_acknowledged_timestamp_seconds",
        "When something was acknowledged last.",
        Map.of(Labels.EMPTY, now.acknowledgedAt()));
    counter(all, "records", "Records that were acknowledged.", now.records());
    counter(all, "line_bytes", "Their lines' bytes.", now.bytes());
    counter(all, "shipments", "What they were sent in.", now.shipments());
    counter(all, "retries", "Shipments that have to be sent again.", now.retries());
    counter(all, "too_large", "Shipments that were larger than is taken.", now.tooLarge());
    counter(all, "rejected_records", "Records that are never taken.", now.rejected());
    counter(all, "gaps", "Files that went before all was shipped.", now.gaps());
    counter(all, "gap_bytes", "What in them was not.", now.gapBytes());
    return Families.text(all);
  }

  private static void gauge(MetricSnapshots.Builder all, String name, String help, long value) {
    gauge(all, name, help, Map.of(Labels.EMPTY, (double) value));
  }

  private static void gauge(
      MetricSnapshots.Builder all, String name, String help, Map<Labels, Double> values) {
    all.metricSnapshot(Families.gauge("vmlog_ship_" + name, help, values));
  }

  private static void counter(MetricSnapshots.Builder all, String name, String help, long value) {
    all.metricSnapshot(Families.counter("vmlog_ship_" + name, help, value));
  }
}
