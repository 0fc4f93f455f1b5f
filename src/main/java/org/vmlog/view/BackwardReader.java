package org.vmlog.view;

import java.io.IOException;
import org.vmlog.logs.LogText;

/**
 * Reads the lines of a file that is not compressed from its end to its beginning, and no more of it
 * than is asked for. What stands behind the last newline is no line. Confined to one thread.
 */
final class BackwardReader {
  private static final int BLOCK_BYTES = 16 * 1024;

  private final LogText file;
  private byte[] buffer = new byte[BLOCK_BYTES];

  /** Where in the file the buffer's first byte is. */
  private long base;

  /** How much of the buffer is still to be read: up to and with a newline. */
  private int limit;

  private int start;
  private int end;
  private final long whole;

  /** Reads what there is now. */
  BackwardReader(LogText file) throws IOException {
    this.file = file;
    this.base = file.bytes();
    int newline = -1;
    while (newline < 0 && base > 0) {
      limit = 0; // nothing of what is no line needs to be kept
      fill();
      newline = newlineBefore(limit);
    }
    limit = newline + 1;
    whole = base + limit;
  }

  /** Where the last line ends, with its newline: here the next one will begin. */
  long wholeBytes() {
    return whole;
  }

  byte[] bytes() {
    return buffer;
  }

  int start() {
    return start;
  }

  /** Where the line ends, without its newline. */
  int end() {
    return end;
  }

  /** Goes to the line before; false at the file's beginning. */
  boolean previous() throws IOException {
    while (true) {
      int before = limit == 0 ? -1 : newlineBefore(limit - 1);
      if (limit > 0 && (before >= 0 || base == 0 || limit >= LineReader.MAX_LINE_BYTES)) {
        start = before + 1;
        end = buffer[limit - 1] == '\n' ? limit - 1 : limit;
        limit = start;
        return true;
      }
      if (base == 0) {
        return false;
      }
      fill();
    }
  }

  /** Puts more of the file before what is kept. */
  private void fill() throws IOException {
    int more = (int) Math.min(base, Math.max(BLOCK_BYTES, limit));
    byte[] grown = limit + more > buffer.length ? new byte[limit + more] : buffer;
    System.arraycopy(buffer, 0, grown, more, limit);
    buffer = grown;
    for (int done = 0; done < more; ) {
      int read = file.read(base - more + done, buffer, done, more - done);
      if (read < 0) {
        throw new IOException(file.listed().path() + " became shorter while it was read");
      }
      done += read;
    }
    base -= more;
    limit += more;
  }

  private int newlineBefore(int to) {
    int at = to - 1;
    while (at >= 0 && buffer[at] != '\n') {
      at--;
    }
    return at;
  }
}
