package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * What became of lines that were appended to a file: however the write ended, the file ends on a
 * newline. Immutable.
 *
 * @param bytes of whole lines that stand in the file now
 * @param failure why not all do; null when all do
 * @param cutFailure why a line's beginning could not be taken back; null when nothing is torn
 */
record LineAppend(long bytes, @Nullable IOException failure, @Nullable IOException cutFailure) {

  /**
   * Writes all, however often the kernel takes less than it was offered. A write that fails in the
   * middle of a line takes that line's beginning back, and no more.
   *
   * @param bytes how many there are in all
   */
  static LineAppend to(FileChannel file, ByteBuffer[] lines, long bytes) {
    int[] starts = LineBuffers.positions(lines);
    long written = 0;
    try {
      for (int first = 0; written < bytes; ) {
        if (lines[first].hasRemaining()) {
          written += file.write(lines, first, lines.length - first);
        } else {
          first++;
        }
      }
      return new LineAppend(written, null, null);
    } catch (IOException e) {
      long whole = LineBuffers.wholeLines(lines, starts, written);
      return new LineAppend(whole, e, cut(file, written - whole));
    }
  }

  private static @Nullable IOException cut(FileChannel file, long tornBytes) {
    try {
      if (tornBytes > 0) {
        // By the file's own size: somebody may have made it shorter, as copytruncate does.
        file.truncate(Math.max(0, file.size() - tornBytes));
      }
      return null;
    } catch (IOException e) {
      return e;
    }
  }
}
