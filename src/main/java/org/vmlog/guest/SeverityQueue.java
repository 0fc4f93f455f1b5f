package org.vmlog.guest;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.RecordEncoder;

/**
 * The records of one channel and severity that wait to be sent, oldest first.
 *
 * <p>They lie in a list of segments. What was taken to be sent stays where it is until it is
 * finished, and a segment goes back to the store with the last of its records. Guarded by the lock
 * of the {@link RecordBuffer}.
 */
final class SeverityQueue {
  private final QueueId id;
  private final SegmentStore store;

  /** Where the oldest record that waits begins, if one does; else where the next one goes. */
  private @Nullable Segment first;

  private int at;

  /** What is appended to. */
  private @Nullable Segment last;

  private int records;

  SeverityQueue(QueueId id, SegmentStore store) {
    this.id = id;
    this.store = store;
  }

  QueueId id() {
    return id;
  }

  /** How many records wait. */
  int records() {
    return records;
  }

  /** When the oldest that waits came; MAX_VALUE when none does. */
  long arrival() {
    if (records == 0) {
      return Long.MAX_VALUE;
    }
    Segment head = head(); // which may move on
    return head.arrival(at);
  }

  /** The oldest record's number in the stream; 0 when it was never sent. */
  long number() {
    Segment head = head();
    return head.number(at);
  }

  /** The length of the oldest record. */
  int length() {
    Segment segment = head();
    int length = segment.length(at);
    int part = at;
    while (segment.goesOn(part)) {
      segment = Objects.requireNonNull(segment.next);
      part = Segment.first();
      length += segment.length(part);
    }
    return length;
  }

  /** How many segments have to be had for a record of that length. */
  int segmentsFor(int length) {
    if (last != null && length <= last.room()) {
      return 0;
    }
    return (length + Segment.MAX_LENGTH - 1) / Segment.MAX_LENGTH;
  }

  /** Appends a record; the store has what {@link #segmentsFor} says. */
  void append(RecordEncoder record, long arrival) {
    int from = 0;
    do {
      int left = record.length() - from;
      Segment segment = last != null && left <= last.room() ? last : extend();
      int count = Math.min(left, segment.room());
      segment.append(record, from, count, arrival);
      from += count;
    } while (from < record.length());
    records++;
  }

  private Segment extend() {
    Segment fresh = store.take(id);
    link(fresh);
    return fresh;
  }

  /** Begins with segments in which that many records wait, and nothing else. */
  void restore(List<Segment> segments, int waiting) {
    segments.forEach(this::link);
    records = waiting;
  }

  /** Takes the numbers of all that waits away. */
  void clearNumbers() {
    for (Segment segment = first; segment != null; segment = segment.next) {
      segment.clearNumbers();
    }
  }

  private void link(Segment segment) {
    if (last == null) {
      first = segment;
      at = Segment.first();
    } else {
      last.next = segment;
    }
    last = segment;
  }

  /** Takes the oldest record; its entries are added to the list. Answers its length. */
  int take(EntryList into) {
    int length = 0;
    boolean more = true;
    while (more) {
      Segment segment = head();
      into.add(segment, at);
      length += segment.length(at);
      more = segment.goesOn(at);
      at = segment.after(at);
    }
    records--;
    return length;
  }

  /** Drops the oldest record. Answers its length. */
  int drop() {
    int length = 0;
    boolean more = true;
    while (more) {
      Segment segment = head();
      int dropped = at;
      length += segment.length(at);
      more = segment.goesOn(at);
      at = segment.after(at);
      finish(segment, dropped);
    }
    records--;
    return length;
  }

  /** The segment of the entry at {@link #at}, of which there is one. */
  private Segment head() {
    Segment segment = first;
    while (segment != null && (!segment.has(at) || segment.isDone(at))) {
      if (segment.has(at)) {
        at = segment.after(at); // only in what an earlier process left
      } else {
        segment = segment.next;
        first = segment;
        at = Segment.first();
      }
    }
    if (segment == null) {
      throw new IllegalStateException("nothing waits in the queue of " + id);
    }
    return segment;
  }

  /** Says that an entry need not be sent any more. */
  void finish(Segment segment, int entry) {
    if (!segment.finish(entry)) {
      return;
    }
    if (segment == last) {
      last = null;
    }
    if (segment == first) {
      first = segment.next;
      at = Segment.first();
    }
    store.release(segment);
  }
}
