package org.vmlog.exposition;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
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
    all.metricSnapshot(Families.build("vmlog_build", "The running forwarder."));
    DaemonMetrics.addTo(all, counters.get());
    all.metricSnapshot(ackTimes());
    SourceMetrics sources = new SourceMetrics();
    router.statistics().forEach(sources::add);
    router.waitingBytes().forEach(sources::addWaiting);
    sources.addTo(all);
    DiskMetrics.addTo(all, quota.usage());
    return Families.text(all);
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
