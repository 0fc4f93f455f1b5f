package org.vmlog.sink;

import java.util.Map;

/**
 * What logs take of the disk at a moment. Immutable.
 *
 * @param usedBytes by all logs, granted bytes included
 * @param capacityBytes what they may take together
 * @param perLogBytes what one may take
 * @param liveLogs the bytes of each log that is written to, by its file's path below the folder
 */
public record DiskUsage(
    long usedBytes, long capacityBytes, long perLogBytes, Map<String, Long> liveLogs) {
  public DiskUsage {
    liveLogs = Map.copyOf(liveLogs);
  }
}
