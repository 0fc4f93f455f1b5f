package org.vmlog.ship;

import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where batches are read into, one after the other, and how large they may be: less, once the
 * engine took none as large. Confined to one thread.
 */
final class BatchBuffer {
  private static final Logger LOG = LoggerFactory.getLogger(BatchBuffer.class);
  private static final int MIN_BYTES = 1024;

  private byte[] bytes;
  private int limit;

  /**
   * @param limit in bytes; one line may be longer
   */
  BatchBuffer(int limit) {
    this.bytes = new byte[limit];
    this.limit = limit;
  }

  byte[] bytes() {
    return bytes;
  }

  /** How much of it to fill. */
  int limit() {
    return limit;
  }

  /** Makes room for a line that is longer than what it holds. */
  byte[] grow() {
    bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    return bytes;
  }

  /** A batch of that length was too large. */
  void shrink(int length) {
    int smaller = Math.max(MIN_BYTES, length / 2);
    if (smaller < limit) {
      limit = smaller;
      LOG.info("batches have at most {} bytes from now on, the engine takes no larger", limit);
    }
  }
}
