package org.vmlog.route;

/**
 * How much one source may log.
 *
 * @param recordsPerSecond its steady rate
 * @param burstRecords what may come at once after a quiet time
 * @param bytesPerSecond its steady rate in rendered bytes; as many seconds of it may come at once
 *     as {@code burstRecords} are of {@code recordsPerSecond}
 */
public record SourceLimits(int recordsPerSecond, int burstRecords, long bytesPerSecond) {
  double burstSeconds() {
    return (double) burstRecords / recordsPerSecond;
  }
}
