package org.vmlog.route;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vmlog.sink.StreamId;
import org.vmlog.sink.StreamSink;

/**
 * Who has which stream of a pipe, and who waits to get one. A stream is handed on once nothing of
 * it waits in the pipe, so that who gets it is told how far it stands for good.
 *
 * <p>Thread-safe; its lock is the pipe's.
 */
final class StreamLedger {
  /** A stream that somebody has, or of which something waits to be written. */
  private static final class Entry {
    @Nullable PipeStream holder;
    int waiting;
  }

  private final Object lock;
  private final Map<StreamId, Entry> entries = new HashMap<>(2);
  private final ArrayDeque<PipeStream> opening = new ArrayDeque<>(1);

  StreamLedger(Object pipesLock) {
    this.lock = pipesLock;
  }

  /** Whether one more sender may have this stream. With the lock held, as all up to close. */
  boolean admits(StreamId id) {
    Entry entry = entries.get(id);
    boolean held = entry != null && entry.holder != null;
    return held
        || entries.values().stream().filter(each -> each.holder != null).count()
            < StreamSink.MAX_STREAMS;
  }

  /** Gives the stream to this sender, and answers who had it. */
  @Nullable PipeStream open(PipeStream stream) {
    Entry entry = entries.computeIfAbsent(stream.id(), id -> new Entry());
    PipeStream before = entry.holder;
    if (before != null) {
      before.end();
      opening.remove(before);
    }
    entry.holder = stream;
    opening.addLast(stream);
    return before;
  }

  @SuppressWarnings("ReferenceEquality") // two senders of one stream are two
  void close(PipeStream stream) {
    synchronized (lock) {
      stream.end();
      opening.remove(stream);
      Entry entry = entries.get(stream.id());
      if (entry != null && entry.holder == stream) {
        entry.holder = null;
        forgetIfIdle(stream.id(), entry);
      }
    }
  }

  /** Something of the stream waits to be written. */
  void appended(PipeStream stream) {
    entries.computeIfAbsent(stream.id(), id -> new Entry()).waiting++;
  }

  /** It does not any more. */
  void left(PipeStream stream) {
    Entry entry = entries.get(stream.id());
    if (entry != null) {
      entry.waiting--;
      forgetIfIdle(stream.id(), entry);
    }
  }

  private void forgetIfIdle(StreamId id, Entry entry) {
    if (entry.holder == null && entry.waiting == 0) {
      entries.remove(id);
    }
  }

  boolean isOpening() {
    return !opening.isEmpty();
  }

  /** Takes out those whose turn it is. */
  List<PipeStream> takeOpening() {
    List<PipeStream> ready = new ArrayList<>(1);
    synchronized (lock) {
      for (Iterator<PipeStream> each = opening.iterator(); each.hasNext(); ) {
        PipeStream stream = each.next();
        Entry entry = entries.get(stream.id());
        boolean fits = entries.size() <= StreamSink.MAX_STREAMS;
        if (fits && entry != null && entry.waiting == 0) {
          ready.add(stream);
          each.remove();
        }
      }
    }
    return ready;
  }

  /** Takes every stream from whoever has it, and answers who had one. */
  List<PipeStream> closeAll() {
    synchronized (lock) {
      List<PipeStream> holders =
          entries.values().stream().flatMap(entry -> Stream.ofNullable(entry.holder)).toList();
      holders.forEach(this::close);
      return holders;
    }
  }

  /** Every stream that the sink must go on to know. */
  Set<StreamId> inUse() {
    synchronized (lock) {
      return Set.copyOf(entries.keySet());
    }
  }
}
