package org.vmlog.sink;

import java.util.Optional;

/**
 * How much of the disk logs may take.
 *
 * @param perLogBytes the most that one log may hold, with all that was rotated of it
 * @param totalBytes the most that all logs together may
 * @param keepFreePercent how much of the file system stays free, whoever fills it; 0 does not look
 *     at the file system, and a full disk shows as a failed write
 * @param retention what stays although room is needed; empty if nothing does
 */
public record QuotaPolicy(
    long perLogBytes, long totalBytes, int keepFreePercent, Optional<RetentionPolicy> retention) {

  /** Nothing stays when room is needed. */
  public QuotaPolicy(long perLogBytes, long totalBytes, int keepFreePercent) {
    this(perLogBytes, totalBytes, keepFreePercent, Optional.empty());
  }
}
