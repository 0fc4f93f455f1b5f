package org.vmlog.view;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Many logs' lines in the order of time. Each log's own stay in their order, whatever times a guest
 * gives them; of logs with the same time the first goes first. Holds one line of each log. Confined
 * to one thread.
 */
final class Merge implements LineStream {
  private record Head(int index, LogLine line, LineStream rest) {}

  private static final Comparator<Head> EARLIEST_FIRST =
      Comparator.comparingLong((Head head) -> head.line().line().micros())
          .thenComparingInt(Head::index);

  private final List<LineStream> streams;
  private final PriorityQueue<Head> heads = new PriorityQueue<>(EARLIEST_FIRST);
  private boolean begun;

  /** Takes streams over, and closes them. */
  Merge(List<? extends LineStream> streams) {
    this.streams = List.copyOf(streams);
  }

  @Override
  public @Nullable LogLine next() throws IOException {
    if (!begun) {
      begun = true;
      for (int i = 0; i < streams.size(); i++) {
        advance(i, streams.get(i));
      }
    }
    Head first = heads.poll();
    if (first == null) {
      return null;
    }
    advance(first.index(), first.rest());
    return first.line();
  }

  private void advance(int index, LineStream stream) throws IOException {
    LogLine line = stream.next();
    if (line != null) {
      heads.add(new Head(index, line, stream));
    }
  }

  @Override
  public void close() throws IOException {
    List<IOException> failures = new ArrayList<>();
    for (LineStream stream : streams) {
      try {
        stream.close();
      } catch (IOException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }
}
