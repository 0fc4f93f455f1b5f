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
 * What waits in a pipe: the bytes, and which append they belong to. Small appends of which the same
 * is to be told are one entry, so that the entries take no more than a part of what the bytes take.
 * Guarded by the pipe's lock, except that the bytes of a {@link Batch} are read outside it.
 */
final class Backlog {
  /** Appends are joined up to so many bytes. */
  private static final int JOINED_BYTES = 4 << 10;

  /** What an entry takes of the heap: an estimate. */
  static final int ENTRY_BYTES = 250;

  /** There may always be so many entries, and so many more for each segment that is held. */
  static final int FEW_ENTRIES = 64;

  static final int ENTRIES_PER_SEGMENT = 16;

  /** Appends that wait for their write; {@code end} counts all bytes ever taken up to the last. */
  private static final class Entry {
    private final boolean joined;
    private final SeverityCounts counts;
    private final @Nullable Ack ack;
    private final long end;
    private final int length;

    Entry(long end, int length, SeverityCounts counts, @Nullable Ack ack) {
      this(false, end, length, counts, ack);
    }

    private Entry(boolean joined, long end, int length, SeverityCounts counts, @Nullable Ack ack) {
      this.joined = joined;
      this.end = end;
      this.length = length;
      this.counts = counts;
      this.ack = ack;
    }

    /** This and the append after it; null when they have to be told of one by one. */
    @Nullable Entry join(int more, SeverityCounts moreCounts, @Nullable Ack next) {
      Ack both = null;
      if (ack instanceof StreamAppend append && next instanceof StreamAppend nextAppend) {
        both = append.join(nextAppend);
      }
      if (length + more > JOINED_BYTES || (both == null && (ack != null || next != null))) {
        return null;
      }
      SeverityCounts sum = joined ? counts : counts.copy(); // an append's own may be others', too
      sum.addAll(moreCounts);
      return new Entry(true, end + more, length + more, sum, both);
    }

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
  private long handedOut; // up to where there was a batch
  private int streamBytes;

  /** What was taken after so many bytes is in no batch until the fence is lifted. */
  private long fence = Long.MAX_VALUE;

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

  /**
   * Whether there are as many entries as there may be. That goes by the segments, of which all
   * pipes together have a budget: small appends in many pipes would take more heap than there is.
   */
  boolean isCrowded() {
    return entries.size() >= FEW_ENTRIES + queue.segments() * ENTRIES_PER_SEGMENT;
  }

  /** Takes lines, all or, when the memory does not reach, none. */
  boolean add(byte[] lines, int offset, int length, SeverityCounts counts, @Nullable Ack ack) {
    if (!queue.add(lines, offset, length)) {
      return false;
    }
    Entry last = entries.peekLast();
    // What is being written is to be told of when it is, whatever comes after it.
    Entry joined =
        last == null || last.end - last.length < handedOut || last.end == fence
            ? null
            : last.join(length, counts, ack);
    taken += length;
    if (ack instanceof StreamAppend append) {
      streamBytes += length;
      if (joined == null) {
        streams.appended(append.stream());
      }
    }
    if (joined != null) {
      entries.removeLast();
    }
    entries.addLast(joined != null ? joined : new Entry(taken, length, counts, ack));
    return true;
  }

  /** Has what comes from now on wait until the fence is lifted. */
  void fence() {
    fence = taken;
  }

  /** Whether all before the fence has been written or given up. */
  boolean isAtFence() {
    return fence <= taken - queue.size();
  }

  void liftFence() {
    fence = Long.MAX_VALUE;
  }

  /**
   * Everything that waits before the fence; no more than an intent can say when there are streams'
   * records in it.
   */
  Batch snapshot() {
    Batch batch = newBatch();
    handedOut = batch.end;
    return batch;
  }

  private Batch newBatch() {
    long written = taken - queue.size();
    if (streamBytes == 0) {
      long end = Math.min(taken, fence);
      return new Batch(queue.snapshot((int) (end - written)), null, end);
    }
    WriteIntent.Builder intent = new WriteIntent.Builder();
    long end = written;
    for (Entry entry : entries) {
      if (entry.isDead() || !intent.hasRoom() || entry.end > fence) {
        break; // what is dead goes when all before it is written
      }
      if (entry.ack instanceof StreamAppend append) {
        intent.add(append.stream().id(), append.firstSeq(), append.records());
      } else {
        intent.add(entry.records());
      }
      end = entry.end;
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
      counts.addAll(entry.counts);
      if (entry.ack instanceof StreamAppend append) {
        ofStreams.put(append.stream(), append); // a later one says all that an earlier one would
      } else if (entry.ack != null) {
        acks.add(entry.ack);
      }
    }
    acks.addAll(ofStreams.values());
    return acks;
  }

  /** Lets go of what is left of a batch that cannot be written. */
  Lost lose(Batch batch) {
    long written = taken - queue.size();
    List<Ack> acks = new ArrayList<>();
    long untold = 0;
    for (Entry entry : takeUpTo(batch.end)) {
      if (entry.ack instanceof StreamAppend append) {
        if (!append.stream().isBroken()) {
          append.stream().breakOff();
          acks.add(append);
        }
      } else if (entry.ack != null) {
        acks.add(entry.ack);
      } else if (entry.end - entry.length >= written) {
        untold += entry.records();
      } else {
        untold += queue.lines((int) (entry.end - written)); // the others stand
      }
    }
    queue.consume((int) (batch.end - written));
    return new Lost(acks, untold);
  }

  private List<Entry> takeUpTo(long end) {
    List<Entry> out = new ArrayList<>(entries.size());
    while (!entries.isEmpty() && entries.getFirst().end <= end) {
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
      queue.consume(entries.getFirst().length);
      removeFirst();
    }
  }

  private Entry removeFirst() {
    Entry first = entries.removeFirst();
    if (first.ack instanceof StreamAppend append) {
      streamBytes -= first.length;
      streams.left(append.stream());
    }
    return first;
  }
}
