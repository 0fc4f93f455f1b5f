package org.vmlog.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What GetStatistics says of a VM. What is missing in an answer, as one of another version may lack
 * it, is zero. Immutable.
 *
 * @param records by the names of their severities
 * @param bytes likewise
 * @param dropped by why, as {@code rate-limit}
 * @param refused requests, likewise
 * @param lastWritten as people read it; empty if nothing was written yet
 */
record VmStatistics(
    long connectionsOpen,
    long connectionsOpened,
    Map<String, Long> records,
    Map<String, Long> bytes,
    Map<String, Long> dropped,
    Map<String, Long> refused,
    Optional<String> lastWritten) {

  static VmStatistics of(Map<String, Object> answer) {
    return new VmStatistics(
        number(answer.getOrDefault("connections_open", 0L)),
        number(answer.getOrDefault("connections_opened", 0L)),
        counts(answer.getOrDefault("records", Map.of())),
        counts(answer.getOrDefault("bytes", Map.of())),
        counts(answer.getOrDefault("dropped", Map.of())),
        counts(answer.getOrDefault("refused", Map.of())),
        Optional.ofNullable(answer.get("last_written")).map(Shown::time));
  }

  private static long number(Object value) {
    return value instanceof Long number ? number : 0;
  }

  /** The kinds that there were, in their order. */
  static Map<String, Long> counts(Object value) {
    Map<String, Long> counts = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (kind, count) -> {
            if (number(count) != 0) {
              counts.put(String.valueOf(kind), number(count));
            }
          });
    }
    return counts;
  }

  static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** {@code 7 rate-limit, 1 line-cut}. */
  static String listed(Map<String, Long> counts) {
    return String.join(
        ", ",
        counts.entrySet().stream().map(kind -> kind.getValue() + " " + kind.getKey()).toList());
  }
}
