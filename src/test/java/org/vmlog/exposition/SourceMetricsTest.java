package org.vmlog.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.VmId;
import org.vmlog.route.StatisticsSnapshot;

class SourceMetricsTest {
  @Test
  void sources_beyondTheLimit_areAddedUpSaveThoseThatLoggedLast() {
    SourceMetrics sources = new SourceMetrics();
    int count = SourceMetrics.MAX_SOURCES + 20;
    for (int i = 0; i < count; i++) {
      sources.add(new VmId("alice", "vm-" + i), statistics(i));
    }
    List<? extends DataPointSnapshot> points = family(sources, "vmlog_source_connections");
    assertThat(points).hasSize(SourceMetrics.MAX_SOURCES + 1);
    assertThat(points.stream().map(point -> point.getLabels().get("name")))
        .contains("vm-20", "vm-" + (count - 1), "")
        .doesNotContain("vm-19");
    assertThat(
            points.stream()
                .filter(point -> "rest".equals(point.getLabels().get("kind")))
                .mapToDouble(point -> ((CounterDataPointSnapshot) point).getValue()))
        .containsExactly(20.0);
  }

  @Test
  void sources_withoutRecords_haveNoSeriesOfThem() {
    SourceMetrics sources = new SourceMetrics();
    sources.add(new VmId("alice", "vm"), statistics(0));
    assertThat(family(sources, "vmlog_source_records")).isEmpty();
  }

  private static StatisticsSnapshot statistics(int second) {
    List<Long> none = Collections.nCopies(8, 0L);
    return new StatisticsSnapshot(
        Map.of("grpc", 1L),
        Map.of("grpc", 1L),
        none,
        none,
        Map.of(),
        Map.of(),
        Optional.of(Instant.ofEpochSecond(second)));
  }

  private static List<? extends DataPointSnapshot> family(SourceMetrics sources, String name) {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    sources.addTo(all);
    MetricSnapshots snapshots = all.build();
    return snapshots.stream()
        .filter(family -> family.getMetadata().getName().equals(name))
        .map(MetricSnapshot::getDataPoints)
        .findFirst()
        .orElseThrow();
  }
}
