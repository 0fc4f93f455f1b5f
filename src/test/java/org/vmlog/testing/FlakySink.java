package org.vmlog.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.vmlog.sink.WriteResult;

/**
 * A sink that writes some whole lines and then fails, or asks for a pause, as it was told to for
 * each write; told nothing, it writes everything. Thread-safe.
 */
public final class FlakySink extends RecordedSink {
  /** What one write does. */
  public interface Outcome {
    /**
     * Answers how the write ends.
     *
     * @param lines in this write
     */
    End of(int lines);
  }

  /** How a write ends: after so many lines, then {@code true} for a failure, else a pause. */
  public record End(int lines, boolean failed) {}

  private static final Duration PAUSE = Duration.ofMillis(1);

  private final Supplier<Outcome> outcomes;

  private FlakySink(Supplier<Outcome> outcomes) {
    this.outcomes = outcomes;
  }

  /** Answers these in turn, and takes all that comes after. */
  public static FlakySink script(Outcome... outcomes) {
    Queue<Outcome> script = new ArrayDeque<>();
    for (Outcome outcome : outcomes) {
      script.add(outcome);
    }
    return new FlakySink(
        () -> {
          synchronized (script) {
            Outcome next = script.poll();
            return next == null ? all() : next;
          }
        });
  }

  /** Asks for the outcome of every write. */
  public static FlakySink asking(Supplier<Outcome> outcomes) {
    return new FlakySink(outcomes);
  }

  /** Everything is written. */
  public static Outcome all() {
    return lines -> new End(lines, false);
  }

  /** The write fails after so many lines. */
  public static Outcome failAfter(int written) {
    return lines -> new End(Math.min(written, lines), true);
  }

  /** The receiver takes no more for a moment after so many lines. */
  public static Outcome pauseAfter(int written) {
    return lines -> new End(Math.min(written, lines), false);
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    ByteBuffer all = joined(lines);
    int count = 0;
    for (int i = 0; i < all.limit(); i++) {
      count += all.get(i) == '\n' ? 1 : 0;
    }
    End end = outcomes.get().of(count);
    long bytes = super.write(new ByteBuffer[] {all.slice(0, endOf(all, end.lines()))}).bytes();
    if (end.failed()) {
      return new WriteResult.Failed(bytes, new IOException("no space left"));
    }
    return end.lines() == count
        ? new WriteResult.Complete(bytes)
        : new WriteResult.TryLater(bytes, PAUSE);
  }

  private static ByteBuffer joined(ByteBuffer[] parts) {
    int size = 0;
    for (ByteBuffer part : parts) {
      size += part.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(size);
    for (ByteBuffer part : parts) {
      all.put(part);
    }
    return all.flip();
  }

  private static int endOf(ByteBuffer all, int lines) {
    int end = 0;
    for (int i = 0; i < lines; i++) {
      while (all.get(end) != '\n') {
        end++;
      }
      end++;
    }
    return end;
  }
}
