package org.vmlog.ship;

import java.util.Arrays;

/** Where batches are read into, those of all logs one after the other. Confined to one thread. */
final class BatchBuffer {
  private final int limit;
  private byte[] bytes;

  /**
   * @param limit of a batch, in bytes; one line may be longer
   */
  BatchBuffer(int limit) {
    this.limit = limit;
    this.bytes = new byte[limit];
  }

  /** How large a batch should be at most. */
  int limit() {
    return limit;
  }

  /** Room for so many bytes, with what was there. */
  byte[] bytes(int capacity) {
    if (bytes.length < capacity) {
      bytes = Arrays.copyOf(bytes, Math.max(capacity, 2 * bytes.length));
    }
    return bytes;
  }
}
