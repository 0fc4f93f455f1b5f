package org.vmlog.guest;

import java.nio.ByteBuffer;

/**
 * Segments on the heap. What nobody needs is left to the collector: a guest is idle most of the
 * time, and then holds none.
 */
final class HeapSegments implements SegmentStore {
  private final int max;
  private int taken;

  /**
   * @param maxBytes that all of them together may have
   */
  HeapSegments(long maxBytes) {
    this.max = (int) (maxBytes / Segment.BYTES);
  }

  @Override
  public boolean isDurable() {
    return false;
  }

  @Override
  public boolean has(int segments) {
    return max - taken >= segments;
  }

  @Override
  public Segment take(QueueId queue) {
    taken++;
    return Segment.empty(ByteBuffer.allocate(Segment.BYTES), taken, queue);
  }

  @Override
  public void release(Segment segment) {
    taken--;
  }
}
