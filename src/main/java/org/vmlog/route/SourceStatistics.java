package org.vmlog.route;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vmlog.wire.Reply;

/**
 * What one source has sent, and what became of it: over all of its connections and, of a VM, over
 * all of its starts.
 *
 * <p>Thread-safe. Each source has its own lock, and takes it once for each write of its log and
 * each connection, never for a record.
 */
public final class SourceStatistics {
  private final InstantSource clock;

  // Guarded by this, down to the constructor.
  private final Map<String, Long> openBySpoken = new TreeMap<>();
  private final Map<String, Long> openedBySpoken = new TreeMap<>();
  private final SeverityCounts written = new SeverityCounts();
  private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
  private final Map<Reply.Refusal, Long> refused = new EnumMap<>(Reply.Refusal.class);
  private @Nullable Instant lastWritten;

  SourceStatistics(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * A connection is served.
   *
   * @param spoken what is spoken on it, of a set of words that are few
   */
  public synchronized void connectionOpened(String spoken) {
    openedBySpoken.merge(spoken, 1L, Long::sum);
    openBySpoken.merge(spoken, 1L, Long::sum);
  }

  /** One that was opened as this is closed. */
  public synchronized void connectionClosed(String spoken) {
    openBySpoken.merge(spoken, -1L, Long::sum);
  }

  /** A request was answered with something else than OK. */
  public synchronized void refused(Reply.Refusal why) {
    refused.merge(why, 1L, Long::sum);
  }

  /** Something stands in the log. */
  synchronized void written(SeverityCounts records) {
    written.addAll(records);
    lastWritten = clock.instant();
  }

  /** Something is lost for good. What is refused is not: its sender has it still. */
  synchronized void dropped(DropReason reason, long count) {
    if (reason != DropReason.REQUESTS_REFUSED) {
      dropped.merge(reason, count, Long::sum);
    }
  }

  /** All of it at one moment. */
  public synchronized StatisticsSnapshot snapshot() {
    List<Long> records = new ArrayList<>();
    List<Long> bytes = new ArrayList<>();
    for (int severity = 0; severity < SeverityCounts.SEVERITIES; severity++) {
      records.add(written.records(severity));
      bytes.add(written.bytes(severity));
    }
    return new StatisticsSnapshot(
        openedBySpoken,
        openBySpoken,
        records,
        bytes,
        dropped,
        refused,
        Optional.ofNullable(lastWritten));
  }
}
