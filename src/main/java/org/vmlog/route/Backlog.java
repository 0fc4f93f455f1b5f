package org.vmlog.route;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vmlog.sink.WriteIntent;

/**
 * What waits in a pipe: the bytes, and which append they belong to. Guarded by the pipe's lock,
 * except that the bytes of a {@link Batch} are read outside it.
 */
final class Backlog {
  /** An append that waits for its write; {@code end} counts all bytes ever taken up to its last. */
  private record Entry(long end, int length, SeverityCounts counts, @Nullable Ack ack) {
    int records() {
      return (int) counts.records();
    }

    /** Whether it comes after something of its stream that could not be written. */
    boolean isDead() {
      return ack instanceof StreamAppend append && append.stream().isBroken();
    }
  }

  /** What is to be written at once; {@code end} as in an entry. */
  static final class Batch {
    final ByteBuffer[] lines;

    /** What the lines are, when some are streams' records. */
    final @Nullable WriteIntent intent;

    private final long end;

    private Batch(ByteBuffer[] lines, @Nullable WriteIntent intent, long end) {
      this.lines = lines;
      this.intent = intent;
      this.end = end;
    }
  }

  /** What is lost with a batch: whom to tell, and how many records nobody can be told of. */
  record Lost(List<Ack> acks, long untoldRecords) {}

  static final Lost NOTHING_LOST = new Lost(List.of(), 0);

  private final SegmentQueue queue;
  private final StreamLedger streams;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>(4);
  private long taken;
  private int streamBytes;

  Backlog(PipeMemory memory, StreamLedger streams) {
    queue = new SegmentQueue(memory);
    this.streams = streams;
  }

  int sizeBytes() {
    return queue.size();
  }

  /** How much of it is streams' records. */
  int streamBytes() {
    return streamBytes;
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
    entries.addLast(new Entry(taken, length, counts, ack));
    if (ack instanceof StreamAppend append) {
      streamBytes += length;
      streams.appended(append.stream());
    }
    return true;
  }

  /**
   * Everything that waits; no more than an intent can say when there are streams' records in it.
   */
  Batch snapshot() {
    if (streamBytes == 0) {
      return new Batch(queue.snapshot(), null, taken);
    }
    WriteIntent.Builder intent = new WriteIntent.Builder();
    long written = taken - queue.size();
    long end = written;
    for (Entry entry : entries) {
      if (entry.isDead() || !intent.hasRoom()) {
        break; // what is dead goes when all before it is written
      }
      if (entry.ack() instanceof StreamAppend append) {
        intent.add(append.stream().id(), append.firstSeq(), append.records());
      } else {
        intent.add(entry.records());
      }
      end = entry.end();
    }
    return new Batch(queue.snapshot((int) (end - written)), intent.build(), end);
  }

  /**
   * Lets go of the first {@code bytes}, which are written; answers whose appends are complete.
   *
   * @param counts to which the records of those appends are added
   */
  List<Ack> written(long bytes, SeverityCounts counts) {
    queue.consume((int) bytes);
    List<Ack> acks = new ArrayList<>(entries.size());
    Map<PipeStream, Ack> ofStreams = streamBytes == 0 ? Map.of() : new LinkedHashMap<>(2);
    for (Entry entry : takeUpTo(taken - queue.size())) {
      counts.addAll(entry.counts());
      if (entry.ack() instanceof StreamAppend append) {
        ofStreams.put(append.stream(), append); // a later one says all that an earlier one would
      } else if (entry.ack() != null) {
        acks.add(entry.ack());
      }
    }
    acks.addAll(ofStreams.values());
    return acks;
  }

  /** Lets go of what is left of a batch that cannot be written. */
  Lost lose(Batch batch) {
    queue.consume((int) (batch.end - (taken - queue.size())));
    List<Ack> acks = new ArrayList<>();
    long untold = 0;
    for (Entry entry : takeUpTo(batch.end)) {
      if (entry.ack() instanceof StreamAppend append) {
        if (!append.stream().isBroken()) {
          append.stream().breakOff();
          acks.add(append);
        }
      } else if (entry.ack() != null) {
        acks.add(entry.ack());
      } else {
        untold += entry.records();
      }
    }
    return new Lost(acks, untold);
  }

  private List<Entry> takeUpTo(long end) {
    List<Entry> out = new ArrayList<>(entries.size());
    while (!entries.isEmpty() && entries.getFirst().end() <= end) {
      out.add(removeFirst());
    }
    return out;
  }

  /**
   * Lets go of what comes first and is dead. To be called before those are let go of who wait for
   * room: nothing that is written later would tell them of this.
   */
  void dropDead() {
    while (!entries.isEmpty() && entries.getFirst().isDead()) {
      queue.consume(entries.getFirst().length());
      removeFirst();
    }
  }

  private Entry removeFirst() {
    Entry first = entries.removeFirst();
    if (first.ack() instanceof StreamAppend append) {
      streamBytes -= first.length();
      streams.left(append.stream());
    }
    return first;
  }
}
