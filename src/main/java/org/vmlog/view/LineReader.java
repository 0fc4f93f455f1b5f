package org.vmlog.view;

import java.io.IOException;
import java.util.Arrays;
import org.vmlog.logs.LogText;
import org.vmlog.view.query.Needle;

/**
 * Reads lines forward, in place: a line is a stretch of {@link #bytes} until the next is read. What
 * has no newline yet is no line. When the text has ended, and has grown since, reading goes on.
 *
 * <p>A line over {@value #MAX_LINE_BYTES} bytes, which the forwarder does not write, comes in
 * pieces. Confined to one thread.
 */
final class LineReader {
  static final int MAX_LINE_BYTES = LogText.MAX_LINE_BYTES;

  private final LogText text;
  private byte[] buffer;
  private int start;
  private int end;
  private int next;
  private int limit;

  /** Where in the file the buffer's first byte is. */
  private long base;

  /**
   * Reads from an offset on.
   *
   * @param blockBytes what is read at once
   */
  LineReader(LogText text, long offset, int blockBytes) {
    this.text = text;
    this.base = offset;
    this.buffer = new byte[blockBytes];
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

  /** Where in the file the next line begins. */
  long offset() {
    return base + next;
  }

  /** How much of a line there is that is not whole yet. */
  int pending() {
    return limit - next;
  }

  /** Goes to the next line; false if there is none that is whole. */
  boolean next() throws IOException {
    start = next;
    int scanned = start;
    while (true) {
      end = newline(scanned, limit);
      if (end >= 0) {
        next = end + 1;
        return true;
      }
      if (limit - start >= MAX_LINE_BYTES) {
        return piece();
      }
      int kept = limit - start;
      if (!fill(start)) {
        return false;
      }
      start = 0;
      scanned = kept;
    }
  }

  /** Goes to the next line that holds what is looked for, and looks at no other. */
  boolean next(Needle needle) throws IOException {
    while (true) {
      int hit = needle.find(buffer, next, limit);
      if (hit >= 0) {
        start = lineStart(hit, next);
        end = newline(hit + needle.length(), limit);
        if (end >= 0) {
          next = end + 1;
          return true;
        }
      } else {
        start = lineStart(limit, next);
      }
      next = start;
      if (limit - start >= MAX_LINE_BYTES) {
        if (hit >= 0) {
          return piece();
        }
        next = limit;
        start = limit;
      }
      if (!fill(start)) {
        return false;
      }
    }
  }

  private boolean piece() {
    end = limit;
    next = limit;
    return true;
  }

  /** Reads more behind what is kept, which moves to the front; false at the end. */
  private boolean fill(int keep) throws IOException {
    int kept = limit - keep;
    if (kept == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    } else if (keep > 0) {
      System.arraycopy(buffer, keep, buffer, 0, kept);
    }
    base += keep;
    start = 0;
    next = 0;
    limit = kept;
    int read = text.read(base + limit, buffer, limit, buffer.length - limit);
    if (read <= 0) {
      return false;
    }
    limit += read;
    return true;
  }

  private int newline(int from, int to) {
    byte[] bytes = buffer;
    for (int at = from; at < to; at++) {
      if (bytes[at] == '\n') {
        return at;
      }
    }
    return -1;
  }

  /** Behind the last newline before {@code at}. */
  private int lineStart(int at, int from) {
    int start = at;
    while (start > from && buffer[start - 1] != '\n') {
      start--;
    }
    return start;
  }
}
