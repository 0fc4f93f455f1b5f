package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.PrivateFolder;

/** What a crash in the middle of a write left after a file's last newline. Thread-safe. */
final class TornTail {
  private static final Logger LOG = LoggerFactory.getLogger(TornTail.class);
  private static final int BLOCK_BYTES = 64 * 1024;

  private TornTail() {}

  /**
   * Cuts it off a log's current file.
   *
   * @param opened that file, to append to
   * @return the file's size, all of which is whole lines
   */
  static long cut(PrivateFolder folder, LogFileName name, FileChannel opened) throws IOException {
    long size = opened.size();
    if (size == 0) {
      return 0;
    }
    try (FileChannel readable = folder.openRead(name.file())) {
      long whole = wholeLines(readable);
      if (whole < size) {
        opened.truncate(whole);
        LOG.warn("{} ended in the middle of a line; cut {} bytes", name, size - whole);
      }
      return whole;
    }
  }

  /**
   * Answers how many bytes of the file are whole lines; 0 when it has no newline.
   *
   * @param file readable; its position does not matter and stays
   */
  static long wholeLines(FileChannel file) throws IOException {
    long end = file.size();
    // Nearly always the last byte is a newline.
    if (end == 0 || endsLine(file, end)) {
      return end;
    }
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    while (end > 0) {
      long start = Math.max(0, end - BLOCK_BYTES);
      read(file, block.clear().limit((int) (end - start)), start);
      for (int at = block.limit() - 1; at >= 0; at--) {
        if (block.get(at) == '\n') {
          return start + at + 1;
        }
      }
      end = start;
    }
    return 0;
  }

  private static boolean endsLine(FileChannel file, long end) throws IOException {
    ByteBuffer last = ByteBuffer.allocate(1);
    read(file, last, end - 1);
    return last.get(0) == '\n';
  }

  private static void read(FileChannel file, ByteBuffer into, long offset) throws IOException {
    while (into.hasRemaining()) {
      if (file.read(into, offset + into.position()) < 0) {
        throw new IOException("the file became shorter while its end was read");
      }
    }
  }
}
