package org.vmlog.guest;

/**
 * Where segments come from, and where they go back to. Guarded by the lock of the {@link
 * RecordBuffer}.
 */
sealed interface SegmentStore permits HeapSegments, FileSegments {
  /** Whether what is in them outlives the process. */
  boolean isDurable();

  /** Whether so many more can be had; may make room for them. */
  boolean has(int segments);

  /** Begins a segment; only after {@link #has}. */
  Segment take(QueueId queue);

  /** Takes back one of which nothing is needed any more. */
  void release(Segment segment);
}
