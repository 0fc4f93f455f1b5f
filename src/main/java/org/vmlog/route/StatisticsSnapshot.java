package org.vmlog.route;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vmlog.wire.Reply;

/**
 * What one source has sent up to a moment. Immutable.
 *
 * @param openedBySpoken connections that were served, by what is spoken on them: {@code journal}
 * @param openBySpoken of those, that are open now
 * @param records that stand in its log, by severity: RFC 5424's numbers, 0 emergency to 7 debug
 * @param bytes of those, as lines
 * @param dropped what is missing in its log, as its lines there say, by why
 * @param refused requests that were not taken, by why; their sender still has them
 * @param lastWritten when something was last written to its log
 */
public record StatisticsSnapshot(
    Map<String, Long> openedBySpoken,
    Map<String, Long> openBySpoken,
    List<Long> records,
    List<Long> bytes,
    Map<DropReason, Long> dropped,
    Map<Reply.Refusal, Long> refused,
    Optional<Instant> lastWritten) {

  public StatisticsSnapshot {
    openedBySpoken = Map.copyOf(openedBySpoken);
    openBySpoken = Map.copyOf(openBySpoken);
    records = List.copyOf(records);
    bytes = List.copyOf(bytes);
    dropped = Map.copyOf(dropped);
    refused = Map.copyOf(refused);
  }

  /** Connections that were served. */
  public long connectionsOpened() {
    return sum(openedBySpoken);
  }

  /** Of those, that are open now. */
  public long connectionsOpen() {
    return sum(openBySpoken);
  }

  /** Of those, that are not. */
  public long connectionsClosed() {
    return connectionsOpened() - connectionsOpen();
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
