package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Counts a file's lines. Thread-safe. */
final class LineCount {
  private static final int BLOCK_BYTES = 64 * 1024;

  private LineCount() {}

  /**
   * How many newlines follow an offset, or as many as are asked for. A line that a kill tore is
   * none.
   */
  static long after(FileChannel file, long startBytes, long most) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    long lines = 0;
    long offset = startBytes;
    while (lines < most && file.read(block.clear(), offset) > 0) {
      for (int at = 0; at < block.position() && lines < most; at++) {
        lines += block.get(at) == '\n' ? 1 : 0;
      }
      offset += block.position();
    }
    return lines;
  }
}
