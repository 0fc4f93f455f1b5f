package org.vmlog.sink;

import java.nio.ByteBuffer;

/** Counting in the buffers of one write. Thread-safe. */
final class LineBuffers {
  private LineBuffers() {}

  static long remaining(ByteBuffer[] lines) {
    long bytes = 0;
    for (ByteBuffer part : lines) {
      bytes += part.remaining();
    }
    return bytes;
  }

  static int[] positions(ByteBuffer[] lines) {
    int[] positions = new int[lines.length];
    for (int i = 0; i < lines.length; i++) {
      positions[i] = lines[i].position();
    }
    return positions;
  }

  /**
   * How many newlines are among the first bytes.
   *
   * @param starts the positions before the write
   */
  static long lines(ByteBuffer[] lines, int[] starts, long bytes) {
    long count = 0;
    long left = bytes;
    for (int i = 0; i < lines.length && left > 0; i++) {
      for (int at = starts[i]; at < lines[i].limit() && left > 0; at++, left--) {
        count += lines[i].get(at) == '\n' ? 1 : 0;
      }
    }
    return count;
  }

  /**
   * How many of the bytes that were written belong to lines that were written to their end.
   *
   * @param lines after the write: positions say how far it came
   * @param starts the positions before it
   * @param written by how much the positions grew in all
   */
  static long wholeLines(ByteBuffer[] lines, int[] starts, long written) {
    long whole = written;
    for (int i = lines.length - 1; i >= 0; i--) {
      for (int at = lines[i].position() - 1; at >= starts[i]; at--) {
        if (lines[i].get(at) == '\n') {
          return whole;
        }
        whole--;
      }
    }
    return whole;
  }
}
