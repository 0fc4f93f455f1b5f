package org.vmlog.route;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much a source may log: two token buckets, one of records and one of bytes. Guarded by the
 * lock of the pipe that it belongs to.
 *
 * <p>A bucket that is full lets an append of any size pass and goes into debt for it: a chunk that
 * is larger than the bucket would otherwise never pass.
 */
final class RateLimit {
  private static final double NANOS = 1e9;

  private final LongSupplier nanoTime;
  private final double recordsPerNano;
  private final double bytesPerNano;
  private final double maxRecords;
  private final double maxBytes;
  private double records;
  private double bytes;
  private long filledNanos;

  RateLimit(SourceLimits limits, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    recordsPerNano = limits.recordsPerSecond() / NANOS;
    bytesPerNano = limits.bytesPerSecond() / NANOS;
    maxRecords = limits.burstRecords();
    maxBytes = limits.bytesPerSecond() * limits.burstSeconds();
    records = maxRecords;
    bytes = maxBytes;
    filledNanos = nanoTime.getAsLong();
  }

  /** Takes the tokens for an append, or none if that would be over the rate. */
  boolean tryTake(int recordCount, int byteCount) {
    fill();
    if (records < Math.min(recordCount, maxRecords) || bytes < Math.min(byteCount, maxBytes)) {
      return false;
    }
    records -= recordCount;
    bytes -= byteCount;
    return true;
  }

  /** Gives back the tokens of an append that found no room after all. */
  void giveBack(int recordCount, int byteCount) {
    records += recordCount;
    bytes += byteCount;
  }

  /** How long it is until such an append may pass. */
  Duration untilPossible(int recordCount, int byteCount) {
    fill();
    double missingRecords = Math.min(recordCount, maxRecords) - records;
    double missingBytes = Math.min(byteCount, maxBytes) - bytes;
    double nanos = Math.max(missingRecords / recordsPerNano, missingBytes / bytesPerNano);
    return Duration.ofNanos((long) Math.ceil(Math.max(0, nanos)));
  }

  private void fill() {
    long now = nanoTime.getAsLong();
    long passed = now - filledNanos;
    filledNanos = now;
    records = Math.min(maxRecords, records + passed * recordsPerNano);
    bytes = Math.min(maxBytes, bytes + passed * bytesPerNano);
  }
}
