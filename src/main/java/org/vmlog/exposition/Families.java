package org.vmlog.exposition;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Metric families from maps of their values, and the page with all of them. */
final class Families {
  private Families() {}

  /** A counter; {@code _total} is put after its name. */
  static CounterSnapshot counter(String name, String help, Map<Labels, Double> values) {
    CounterSnapshot.Builder family = CounterSnapshot.builder().name(name).help(help);
    values.forEach(
        (labels, value) ->
            family.dataPoint(
                CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
    return family.build();
  }

  static CounterSnapshot counter(String name, String help, long value) {
    return counter(name, help, Map.of(Labels.EMPTY, (double) value));
  }

  static GaugeSnapshot gauge(String name, String help, Map<Labels, Double> values) {
    GaugeSnapshot.Builder family = GaugeSnapshot.builder().name(name).help(help);
    values.forEach(
        (labels, value) ->
            family.dataPoint(GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
    return family.build();
  }

  static GaugeSnapshot gauge(String name, String help, long value) {
    return gauge(name, help, Map.of(Labels.EMPTY, (double) value));
  }

  /** Which version this is, under a name to which {@code _info} is put. */
  static InfoSnapshot build(String name, String help) {
    // As the jar's manifest says; classes that were not packaged have none.
    String version = Families.class.getPackage().getImplementationVersion();
    return InfoSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(
            InfoSnapshot.InfoDataPointSnapshot.builder()
                .labels(Labels.of("version", version == null ? "unknown" : version))
                .build())
        .build();
  }

  /** All of them in Prometheus' text format. */
  static byte[] text(MetricSnapshots.Builder all) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(text, all.build());
    } catch (IOException e) {
      throw new UncheckedIOException("memory took no more", e);
    }
    return text.toByteArray();
  }

  /** Values under one label each. */
  static Map<Labels, Double> by(String label, Map<String, Long> values) {
    Map<Labels, Double> points = new LinkedHashMap<>();
    values.forEach((key, value) -> points.put(Labels.of(label, key), (double) value));
    return points;
  }
}
