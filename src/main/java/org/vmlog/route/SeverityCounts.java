package org.vmlog.route;

import java.util.Arrays;

/**
 * How many records there are of each severity, and how many bytes they take as lines. Severities
 * are RFC 5424's numbers, 0 emergency to 7 debug. Not thread-safe.
 */
public final class SeverityCounts {
  /** How many severities there are. */
  public static final int SEVERITIES = 8;

  /** Of each severity the records, and after all of those the bytes: one array, not two. */
  private final long[] counts;

  /** Counts at zero. */
  public SeverityCounts() {
    this(new long[2 * SEVERITIES]);
  }

  private SeverityCounts(long[] counts) {
    this.counts = counts;
  }

  /** Counts one record. */
  public void add(int severity, int bytes) {
    counts[severity]++;
    counts[SEVERITIES + severity] += bytes;
  }

  /** Counts all that others have counted. */
  void addAll(SeverityCounts others) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += others.counts[i];
    }
  }

  /** Begins anew. */
  public void clear() {
    Arrays.fill(counts, 0);
  }

  /** The counts as they are now. */
  public SeverityCounts copy() {
    return new SeverityCounts(counts.clone());
  }

  public long records(int severity) {
    return counts[severity];
  }

  public long bytes(int severity) {
    return counts[SEVERITIES + severity];
  }

  /** Of all severities. */
  public long records() {
    return sum(0);
  }

  /** Of all severities. */
  public long bytes() {
    return sum(SEVERITIES);
  }

  private long sum(int from) {
    long sum = 0;
    for (int i = from; i < from + SEVERITIES; i++) {
      sum += counts[i];
    }
    return sum;
  }
}
