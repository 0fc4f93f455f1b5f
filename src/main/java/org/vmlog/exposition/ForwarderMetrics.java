package org.vmlog.exposition;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.vmlog.metrics.CounterSnapshot;
import org.vmlog.metrics.LatencyHistogram;
import org.vmlog.route.Router;
import org.vmlog.sink.DiskQuota;

/**
 * The daemon's numbers in Prometheus' text format, under the names that docs/metrics.md lists.
 *
 * <p>Prometheus' own classes for it are loaded with the first request, so that a daemon that nobody
 * asks is none the larger. Thread-safe.
 */
public final class ForwarderMetrics implements Supplier<byte[]> {
  private final Router router;
  private final DiskQuota quota;
  private final Supplier<CounterSnapshot> counters;
  private final LatencyHistogram ackTimes;

  /**
   * Shows what these say when they are asked.
   *
   * @param counters what is counted for all sources together
   * @param ackTimes from a request's arrival to its answer
   */
  public ForwarderMetrics(
      Router router,
      DiskQuota quota,
      Supplier<CounterSnapshot> counters,
      LatencyHistogram ackTimes) {
    this.router = router;
    this.quota = quota;
    this.counters = counters;
    this.ackTimes = ackTimes;
  }

  @Override
  public byte[] get() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    all.metricSnapshot(
        InfoSnapshot.builder()
            .name("vmlog_build")
            .help("The running forwarder.")
            .dataPoint(
                InfoSnapshot.InfoDataPointSnapshot.builder()
                    .labels(Labels.of("version", version()))
                    .build())
            .build());
    DaemonMetrics.addTo(all, counters.get());
    all.metricSnapshot(ackTimes());
    SourceMetrics sources = new SourceMetrics();
    router.statistics().forEach(sources::add);
    router.waitingBytes().forEach(sources::addWaiting);
    sources.addTo(all);
    DiskMetrics.addTo(all, quota.usage());
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(text, all.build());
    } catch (IOException e) {
      throw new UncheckedIOException("memory took no more", e);
    }
    return text.toByteArray();
  }

  /** As the jar's manifest says; classes that were not packaged have none. */
  private static String version() {
    String version = ForwarderMetrics.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  private HistogramSnapshot ackTimes() {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    double[] upper = ackTimes.upperSeconds();
    long[] counts = ackTimes.counts();
    for (int i = 0; i < upper.length; i++) {
      buckets.bucket(upper[i], counts[i]);
    }
    return HistogramSnapshot.builder()
        .name("vmlog_ack_latency_seconds")
        .help("From the arrival of a guest's request to its answer: all of it is written.")
        .dataPoint(
            HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.build())
                .sum(ackTimes.sumSeconds())
                .build())
        .build();
  }
}
