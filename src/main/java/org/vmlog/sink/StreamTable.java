package org.vmlog.sink;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The streams that one log knows, and how far each one's records stand in it; the one that was
 * opened the longest time ago comes first. Confined to the pipe's writer.
 */
final class StreamTable implements WriteIntent.Progress {
  /** A stream. Confined as the table. */
  static final class Row {
    final StreamId stream;
    long lastSeq;

    Row(StreamId stream, long lastSeq) {
      this.stream = stream;
      this.lastSeq = lastSeq;
    }
  }

  private final List<Row> rows = new ArrayList<>(StreamSink.MAX_STREAMS);

  /** See {@link StreamSink#openStream}. */
  long open(StreamId stream, Set<StreamId> inUse) {
    int at = indexOf(stream);
    Row row = at < 0 ? new Row(stream, 0) : rows.remove(at);
    if (rows.size() == StreamSink.MAX_STREAMS) {
      rows.remove(longestIdle(inUse));
    }
    rows.add(row);
    return row.lastSeq;
  }

  private Row longestIdle(Set<StreamId> inUse) {
    for (Row row : rows) {
      if (!inUse.contains(row.stream)) {
        return row;
      }
    }
    throw new IllegalStateException("all of " + rows.size() + " streams are in use");
  }

  void put(StreamId stream, long lastSeq) {
    rows.add(new Row(stream, lastSeq));
  }

  List<Row> rows() {
    return rows;
  }

  /** Where a stream stands in the table; below zero when it does not. */
  int indexOf(StreamId stream) {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).stream.equals(stream)) {
        return i;
      }
    }
    return -1;
  }

  long lastSeq(StreamId stream) {
    int at = indexOf(stream);
    return at < 0 ? 0 : rows.get(at).lastSeq;
  }

  @Override
  public void standsUpTo(StreamId stream, long lastSeq) {
    int at = indexOf(stream);
    if (at >= 0) {
      rows.get(at).lastSeq = lastSeq;
    }
  }
}
