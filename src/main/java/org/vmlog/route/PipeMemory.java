package org.vmlog.route;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.OutOfMemory;

/**
 * The memory in which lines wait for their sinks: direct segments of 16 KiB, handed out against one
 * budget for all pipes.
 *
 * <p>Each live pipe may always hold {@link #GUARANTEED_SEGMENTS}, so that no flood of other sources
 * can take its way in; what it holds beyond comes from the shared rest of the budget. With more
 * pipes than the budget has guarantees for, the guarantees still hold and the shared rest is empty.
 *
 * <p>Thread-safe. Its lock is held for a few instructions, never across I/O.
 */
public final class PipeMemory {
  static final int SEGMENT_BYTES = 16 << 10;

  /** What each pipe may hold whatever the others do: 32 KiB. */
  static final int GUARANTEED_SEGMENTS = 2;

  /**
   * Free segments kept for the next load, 16 MiB: as many as a thousand sources hold that log at
   * once. More than that goes back to the collector, which has to come for it.
   */
  private static final int KEPT_FREE = 1024;

  private final int budgetSegments;
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>(); // guarded by this
  private int pipes; // guarded by this
  private int shared; // guarded by this

  /**
   * Makes an empty pool; memory is taken only as it is needed.
   *
   * @param budgetBytes for all pipes together
   */
  public PipeMemory(long budgetBytes) {
    this.budgetSegments = (int) Math.min(budgetBytes / SEGMENT_BYTES, Integer.MAX_VALUE);
  }

  synchronized void pipeOpened() {
    pipes++;
  }

  synchronized void pipeClosed() {
    pipes--;
  }

  /** A segment for a pipe that holds {@code held} already, or null when it may have no more. */
  synchronized @Nullable ByteBuffer take(int held) {
    if (held >= GUARANTEED_SEGMENTS) {
      if (shared >= budgetSegments - (long) pipes * GUARANTEED_SEGMENTS) {
        return null;
      }
      shared++;
    }
    ByteBuffer segment = free.pollLast();
    return segment != null ? segment : allocate();
  }

  private static ByteBuffer allocate() {
    try {
      return ByteBuffer.allocateDirect(SEGMENT_BYTES);
    } catch (OutOfMemoryError e) {
      OutOfMemory.exitIf(e); // whoever appends would lose its record, and not be told
      throw e;
    }
  }

  /** Takes a segment back from a pipe that, with it, held {@code held}. */
  synchronized void give(ByteBuffer segment, int held) {
    if (held > GUARANTEED_SEGMENTS) {
      shared--;
    }
    if (free.size() < KEPT_FREE) {
      free.addLast(segment.clear());
    }
  }

  /** How many bytes pipes hold beyond what each is guaranteed. */
  synchronized long sharedBytes() {
    return (long) shared * SEGMENT_BYTES;
  }
}
