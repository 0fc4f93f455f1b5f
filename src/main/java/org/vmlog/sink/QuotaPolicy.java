package org.vmlog.sink;

/**
 * How much of the disk logs may take.
 *
 * @param perLogBytes the most that one log may hold, with all that was rotated of it
 * @param totalBytes the most that all logs together may
 * @param keepFreePercent how much of the file system stays free, whoever fills it; 0 does not look
 *     at the file system, and a full disk shows as a failed write
 */
public record QuotaPolicy(long perLogBytes, long totalBytes, int keepFreePercent) {}
