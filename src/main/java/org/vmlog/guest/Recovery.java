package org.vmlog.guest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Puts what an earlier process left in its segments back into the queues. Of a record in parts that
 * was just being written, or let go of, nothing is left. Used once, under the lock of the {@link
 * RecordBuffer}.
 */
final class Recovery {
  private static final Comparator<Segment> OLDEST_FIRST =
      Comparator.comparingLong((Segment segment) -> segment.arrival(Segment.first()))
          .thenComparingInt(segment -> segment.before(Segment.first()));

  private final RecordQueues queues;
  private final SegmentStore store;
  private final List<Numbered> numbered = new ArrayList<>();
  private final int[] bytes = new int[QueueId.COUNT];
  private long firstWithoutNumber = Long.MAX_VALUE;
  private long lastArrival;

  /** A record that was sent at least once. */
  private record Numbered(long arrival, long number) {}

  Recovery(RecordQueues queues, SegmentStore store) {
    this.queues = queues;
    this.store = store;
  }

  void restore(List<Segment> segments) {
    for (QueueId queue : QueueId.ALL) {
      List<Segment> its =
          segments.stream()
              .filter(segment -> segment.queue().equals(queue))
              .sorted(OLDEST_FIRST)
              .toList();
      int whole = mend(its);
      List<Segment> needed = new ArrayList<>();
      for (Segment segment : its) {
        if (segment.isNeeded()) {
          needed.add(segment);
        } else {
          store.release(segment);
        }
      }
      queues.get(queue).restore(needed, whole);
    }
  }

  /** Finishes what is no whole record, and answers how many are. */
  private int mend(List<Segment> segments) {
    int whole = 0;
    EntryList parts = new EntryList();
    for (Segment segment : segments) {
      for (int at = Segment.first(); segment.has(at); at = segment.after(at)) {
        lastArrival = Math.max(lastArrival, segment.arrival(at));
        if (segment.isDone(at)) {
          continue;
        }
        if (!isNext(segment, at, parts)) {
          parts.finishAll();
          parts = new EntryList();
        }
        parts.add(segment, at);
        if (!segment.goesOn(at) && segment.before(at) + segment.length(at) == parts.length()) {
          whole++;
          note(segment, at);
          bytes[segment.queue().ordinal()] += parts.length();
          parts = new EntryList();
        }
      }
    }
    parts.finishAll();
    return whole;
  }

  private static boolean isNext(Segment segment, int at, EntryList parts) {
    return parts.size() > 0
        && parts.segment(0).arrival(parts.place(0)) == segment.arrival(at)
        && parts.length() == segment.before(at);
  }

  private void note(Segment segment, int at) {
    if (segment.number(at) == 0) {
      firstWithoutNumber = Math.min(firstWithoutNumber, segment.arrival(at));
    } else {
      numbered.add(new Numbered(segment.arrival(at), segment.number(at)));
    }
  }

  /**
   * Whether the records, in the order in which they came, have ascending numbers and then none. It
   * is otherwise when the host knew the stream only at times.
   */
  boolean isInOrder() {
    numbered.sort(Comparator.comparingLong(Numbered::arrival));
    long last = 0;
    for (Numbered one : numbered) {
      if (one.number() <= last || one.arrival() > firstWithoutNumber) {
        return false;
      }
      last = one.number();
    }
    return true;
  }

  /** How many bytes the records of a queue have. */
  int bytes(QueueId queue) {
    return bytes[queue.ordinal()];
  }

  long lastArrival() {
    return lastArrival;
  }

  long lastNumber() {
    return numbered.stream().mapToLong(Numbered::number).max().orElse(0);
  }
}
