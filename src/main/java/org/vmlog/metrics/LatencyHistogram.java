package org.vmlog.metrics;

import java.util.concurrent.atomic.LongAdder;

/**
 * How long something took, each time: counts in classes from 250 µs to 10 s, each about twice as
 * wide as the one before. Thread-safe, and cheap when many threads count at once.
 */
public final class LatencyHistogram {
  private static final long[] UPPER_MICROS = {
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000
  };

  private final LongAdder[] counts = new LongAdder[UPPER_MICROS.length + 1];
  private final LongAdder sumNanos = new LongAdder();

  public LatencyHistogram() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  /** Counts one that took so long. */
  public void record(long nanos) {
    long micros = nanos / 1000;
    int bucket = 0;
    while (bucket < UPPER_MICROS.length && micros > UPPER_MICROS[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sumNanos.add(nanos);
  }

  /** The inclusive upper end of each class in seconds; infinite for the last. */
  public double[] upperSeconds() {
    double[] upper = new double[counts.length];
    for (int i = 0; i < UPPER_MICROS.length; i++) {
      upper[i] = UPPER_MICROS[i] / 1e6;
    }
    upper[UPPER_MICROS.length] = Double.POSITIVE_INFINITY;
    return upper;
  }

  /** How many fell into each class; not summed up. */
  public long[] counts() {
    long[] now = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      now[i] = counts[i].sum();
    }
    return now;
  }

  public double sumSeconds() {
    return sumNanos.sum() / 1e9;
  }
}
