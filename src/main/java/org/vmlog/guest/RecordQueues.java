package org.vmlog.guest;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.Channel;

/**
 * A queue for each channel and severity. There are few, so they are looked through. Guarded by the
 * lock of the {@link RecordBuffer}.
 */
final class RecordQueues {
  private final List<SeverityQueue> queues;

  RecordQueues(SegmentStore store) {
    queues = QueueId.ALL.stream().map(id -> new SeverityQueue(id, store)).toList();
  }

  SeverityQueue get(QueueId id) {
    return queues.get(id.ordinal());
  }

  SeverityQueue get(Channel channel, int severity) {
    return queues.get(QueueId.ordinal(channel, severity));
  }

  /** The queue of the channel's oldest record; null when none waits. */
  @Nullable SeverityQueue oldest(Channel channel) {
    SeverityQueue oldest = null;
    for (int severity = 0; severity < QueueId.SEVERITIES; severity++) {
      SeverityQueue queue = get(channel, severity);
      if (queue.records() > 0 && (oldest == null || queue.arrival() < oldest.arrival())) {
        oldest = queue;
      }
    }
    return oldest;
  }

  /**
   * The queue of the record to be dropped first: the oldest of the least severe.
   *
   * @param severity of what needs the room; nothing more severe is dropped for it
   * @return null when all that waits is more severe
   */
  @Nullable SeverityQueue leastSevere(int severity) {
    for (int candidate = QueueId.SEVERITIES - 1; candidate >= severity; candidate--) {
      SeverityQueue user = get(Channel.USER, candidate);
      SeverityQueue kernel = get(Channel.KERNEL, candidate);
      if (user.records() + kernel.records() > 0) {
        return user.arrival() < kernel.arrival() ? user : kernel;
      }
    }
    return null;
  }
}
