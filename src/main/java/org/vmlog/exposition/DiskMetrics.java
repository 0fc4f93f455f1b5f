package org.vmlog.exposition;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import org.vmlog.sink.DiskUsage;

/** What the logs take of the disk, and may take. */
final class DiskMetrics {
  private DiskMetrics() {}

  static void addTo(MetricSnapshots.Builder all, DiskUsage usage) {
    all.metricSnapshot(
        Families.gauge(
            "vmlog_disk_used_bytes",
            "All logs' files, with what their writers were granted.",
            usage.usedBytes()));
    all.metricSnapshot(
        Families.gauge(
            "vmlog_disk_capacity_bytes",
            "What all logs may take: the total quota, or less where the disk must keep free.",
            usage.capacityBytes()));
    all.metricSnapshot(
        Families.gauge(
            "vmlog_log_quota_bytes", "What one log's files may take.", usage.perLogBytes()));
    all.metricSnapshot(
        Families.gauge(
            "vmlog_log_size_bytes",
            "Files of a log that is written to, rotated ones included.",
            Families.by("log", usage.liveLogs())));
  }
}
