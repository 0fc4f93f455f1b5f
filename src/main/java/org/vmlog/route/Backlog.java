package org.vmlog.route;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits in a pipe: the bytes, and which append they belong to. Guarded by the pipe's lock,
 * except that the bytes of a {@link Batch} are read outside it.
 */
final class Backlog {
  /** An append that waits for its write; {@code end} counts all bytes ever taken up to its last. */
  private record Entry(long end, SeverityCounts counts, @Nullable Ack ack) {}

  /** Everything that waited at one moment; {@code end} as in an entry. */
  static final class Batch {
    final ByteBuffer[] lines;
    private final long end;

    private Batch(ByteBuffer[] lines, long end) {
      this.lines = lines;
      this.end = end;
    }
  }

  /** What is lost with a batch: whom to tell, and how many records nobody can be told of. */
  record Lost(List<Ack> acks, long untoldRecords) {}

  static final Lost NOTHING_LOST = new Lost(List.of(), 0);

  private final SegmentQueue queue;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>(4);
  private long taken;

  Backlog(PipeMemory memory) {
    queue = new SegmentQueue(memory);
  }

  int sizeBytes() {
    return queue.size();
  }

  boolean isEmpty() {
    return queue.size() == 0;
  }

  /** Takes lines, all or, when the memory does not reach, none. */
  boolean add(byte[] lines, int offset, int length, SeverityCounts counts, @Nullable Ack ack) {
    if (!queue.add(lines, offset, length)) {
      return false;
    }
    taken += length;
    entries.addLast(new Entry(taken, counts, ack));
    return true;
  }

  Batch snapshot() {
    return new Batch(queue.snapshot(), taken);
  }

  /**
   * Lets go of the first {@code bytes}, which are written; answers whose appends are complete.
   *
   * @param counts to which the records of those appends are added
   */
  List<Ack> written(long bytes, SeverityCounts counts) {
    queue.consume((int) bytes);
    List<Ack> acks = new ArrayList<>(entries.size());
    for (Entry entry : takeUpTo(taken - queue.size())) {
      counts.addAll(entry.counts());
      if (entry.ack() != null) {
        acks.add(entry.ack());
      }
    }
    return acks;
  }

  /** Lets go of what is left of a batch that cannot be written. */
  Lost lose(Batch batch) {
    queue.consume((int) (batch.end - (taken - queue.size())));
    List<Ack> acks = new ArrayList<>();
    long untold = 0;
    for (Entry entry : takeUpTo(batch.end)) {
      if (entry.ack() != null) {
        acks.add(entry.ack());
      } else {
        untold += entry.counts().records();
      }
    }
    return new Lost(acks, untold);
  }

  private List<Entry> takeUpTo(long end) {
    List<Entry> out = new ArrayList<>(entries.size());
    while (!entries.isEmpty() && entries.getFirst().end() <= end) {
      out.add(entries.removeFirst());
    }
    return out;
  }
}
