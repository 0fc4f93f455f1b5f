package org.vmlog.top;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.vmlog.logs.LogName;

/**
 * What was counted of one source up to a moment. Immutable.
 *
 * @param name whose it is, as its log is called; {@code @unknown/CID} if nobody knows
 * @param bytes as lines
 * @param dropped by why, as {@code rate_limit}
 * @param refused requests
 * @param waiting bytes that are not written yet
 * @param used bytes of all its files, if they are written to
 */
record SourceCounts(
    LogName name,
    long connections,
    long records,
    long bytes,
    Map<String, Long> dropped,
    long refused,
    long waiting,
    OptionalLong used,
    Optional<Instant> lastWritten) {

  long allDropped() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
