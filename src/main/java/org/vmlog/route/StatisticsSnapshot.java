package org.vmlog.route;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vmlog.wire.Reply;

/**
 * What one source has sent up to a moment. Immutable.
 *
 * @param connectionsOpened that were served
 * @param connectionsClosed of those
 * @param openedBySpoken the same by what is spoken on them, {@code journal} for one
 * @param openBySpoken of those, that are open now
 * @param records that stand in its log, by severity: RFC 5424's numbers, 0 emergency to 7 debug
 * @param bytes of those, as lines
 * @param dropped what is missing in its log, as its lines there say, by why
 * @param refused requests that were not taken, by why; their sender still has them
 * @param lastWritten when something was last written to its log
 */
public record StatisticsSnapshot(
    long connectionsOpened,
    long connectionsClosed,
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

  public long connectionsOpen() {
    return connectionsOpened - connectionsClosed;
  }
}
