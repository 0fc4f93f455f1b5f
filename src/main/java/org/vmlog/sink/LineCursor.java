package org.vmlog.sink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Walks the lines in the buffers of one write, and gives each as one buffer without its newline.
 * Copies only a line that spans two buffers or is cut. Confined to one thread.
 */
final class LineCursor {
  private static final byte[] CUT_MARKER = " [cut]".getBytes(StandardCharsets.US_ASCII);

  private final ByteBuffer[] buffers;
  private final int[] limits;

  /** The line lies from the first buffer's start to before the last one's end. */
  private int first;

  private int start;
  private int last;
  private int end;
  private long length;
  private boolean newline;

  LineCursor(ByteBuffer[] buffers) {
    this.buffers = buffers;
    this.limits = new int[buffers.length];
    for (int i = 0; i < buffers.length; i++) {
      limits[i] = buffers[i].limit();
    }
    if (buffers.length > 0) {
      end = buffers[0].position();
    }
  }

  /** Goes to the next line; answers false when there is none. */
  boolean next() {
    first = last;
    start = newline ? end + 1 : end;
    length = 0;
    newline = false;
    for (int from = start; last < buffers.length; ) {
      ByteBuffer buffer = buffers[last];
      buffer.limit(limits[last]);
      end = from;
      while (end < limits[last] && buffer.get(end) != '\n') {
        end++;
      }
      length += end - from;
      if (end < limits[last]) {
        newline = true;
        return true;
      }
      if (last + 1 == buffers.length) {
        break;
      }
      last++;
      from = buffers[last].position();
    }
    return length > 0;
  }

  /** How many bytes the line takes up in the buffers, its newline included. */
  long bytes() {
    return newline ? length + 1 : length;
  }

  boolean isEmpty() {
    return length == 0;
  }

  /**
   * The line, or as many whole UTF-8 characters of it as fit with the marker {@code " [cut]"}. Good
   * until the next call.
   *
   * @param maxBytes at least as long as the marker
   */
  ByteBuffer line(int maxBytes) {
    if (length > maxBytes) {
      return cut(maxBytes);
    }
    if (first == last) {
      return buffers[first].limit(end).position(start);
    }
    return copy((int) length, 0).flip();
  }

  private ByteBuffer cut(int maxBytes) {
    int kept = maxBytes - CUT_MARKER.length;
    // One byte more, to see whether a character goes on there.
    ByteBuffer cut = copy(kept + 1, CUT_MARKER.length);
    while (kept > 0 && (cut.get(kept) & 0xC0) == 0x80) {
      kept--;
    }
    return cut.position(kept).put(CUT_MARKER).flip();
  }

  private ByteBuffer copy(int bytes, int more) {
    ByteBuffer copy = ByteBuffer.allocate(bytes + more);
    int from = start;
    for (int i = first; copy.position() < bytes; i++) {
      int to = i == last ? end : limits[i];
      int n = Math.min(to - from, bytes - copy.position());
      ByteBuffer part = buffers[i].duplicate().limit(from + n).position(from);
      copy.put(part);
      from = i + 1 < buffers.length ? buffers[i + 1].position() : 0;
    }
    return copy;
  }
}
