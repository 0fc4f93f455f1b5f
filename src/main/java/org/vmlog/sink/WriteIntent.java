package org.vmlog.sink;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one write is about to append, in the order of its lines: spans of streams' records, and
 * lines that are nobody's to number. With it, how many lines came to stand is enough to tell how
 * far each stream did. Immutable.
 */
public record WriteIntent(List<Span> spans) {
  /** The most spans of one intent. */
  static final int MAX_SPANS = 1024;

  /** Of a write that held no streams' records. */
  static final WriteIntent NOTHING = new WriteIntent(List.of());

  /**
   * Lines one after the other.
   *
   * @param stream whose records they are; null when they are no stream's
   * @param firstSeq the number of the first; the others follow one by one
   */
  public record Span(@Nullable StreamId stream, long firstSeq, int lines) {}

  public WriteIntent {
    spans = List.copyOf(spans);
  }

  /** How many lines there are. */
  public long lines() {
    long lines = 0;
    for (Span span : spans) {
      lines += span.lines();
    }
    return lines;
  }

  /** Told how far a stream's records stand. */
  public interface Progress {
    void standsUpTo(StreamId stream, long lastSeq);
  }

  /** Tells what stands when so many of the lines do; of one stream perhaps more than once. */
  public void after(long lines, Progress progress) {
    long left = lines;
    for (Span span : spans) {
      long standing = Math.min(left, span.lines());
      if (standing == 0) {
        return;
      }
      if (span.stream() != null) {
        progress.standsUpTo(span.stream(), span.firstSeq() + standing - 1);
      }
      left -= standing;
    }
  }

  /** Puts an intent together. Confined to one thread at a time. */
  public static final class Builder {
    private final List<Span> spans = new ArrayList<>();
    private @Nullable StreamId stream;
    private long firstSeq;
    private int lines;
    private boolean hasStreams;

    /** Whether more can be added. */
    public boolean hasRoom() {
      return spans.size() < MAX_SPANS - 1;
    }

    /** Adds lines that are no stream's. */
    public void add(int count) {
      if (stream != null) {
        flush();
      }
      lines += count;
    }

    /** Adds a stream's records. */
    public void add(StreamId of, long first, int count) {
      hasStreams = true;
      if (!of.equals(stream) || first != firstSeq + lines) {
        flush();
        stream = of;
        firstSeq = first;
      }
      lines += count;
    }

    private void flush() {
      if (lines > 0) {
        spans.add(new Span(stream, firstSeq, lines));
      }
      stream = null;
      lines = 0;
    }

    /** What was added; null when there were no streams' records. */
    public @Nullable WriteIntent build() {
      flush();
      return hasStreams ? new WriteIntent(spans) : null;
    }
  }
}
