package org.vmlog.route;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * A pipe's waiting bytes: a queue of segments that is filled at its tail while a writer still reads
 * from its head. Guarded by the pipe's lock; only the bytes of a {@link #snapshot} are read outside
 * it, and those are never touched again until they are {@link #consume}d.
 */
final class SegmentQueue {
  private final PipeMemory memory;
  private final ArrayDeque<ByteBuffer> segments = new ArrayDeque<>(4);
  private int readPosition; // in the first segment
  private int writePosition; // in the last segment
  private int size;

  SegmentQueue(PipeMemory memory) {
    this.memory = memory;
  }

  int size() {
    return size;
  }

  /** How many segments are held. */
  int segments() {
    return segments.size();
  }

  /** Copies the bytes in, all or, when the memory does not reach, none. */
  boolean add(byte[] bytes, int offset, int length) {
    int room = segments.isEmpty() ? 0 : PipeMemory.SEGMENT_BYTES - writePosition;
    int before = segments.size();
    for (int missing = length - room; missing > 0; missing -= PipeMemory.SEGMENT_BYTES) {
      ByteBuffer segment = memory.take(segments.size());
      if (segment == null) {
        while (segments.size() > before) {
          giveBack(segments.removeLast());
        }
        return false;
      }
      segments.addLast(segment);
    }
    copyIn(bytes, offset, length, room, before);
    size += length;
    return true;
  }

  private void copyIn(byte[] bytes, int offset, int length, int room, int before) {
    int done = 0;
    int index = 0;
    for (ByteBuffer segment : segments) {
      if (index == before - 1) {
        done = Math.min(room, length);
        segment.put(writePosition, bytes, offset, done);
        writePosition += done;
      } else if (index >= before) {
        int part = Math.min(PipeMemory.SEGMENT_BYTES, length - done);
        segment.put(0, bytes, offset + done, part);
        done += part;
        writePosition = part;
      }
      index++;
    }
  }

  /** Views of the first {@code bytes} that wait, in order. */
  ByteBuffer[] snapshot(int bytes) {
    int end = bytes == 0 ? 0 : readPosition + bytes;
    int count = (end + PipeMemory.SEGMENT_BYTES - 1) / PipeMemory.SEGMENT_BYTES;
    ByteBuffer[] views = new ByteBuffer[count];
    int at = readPosition;
    int rest = bytes;
    int index = 0;
    for (ByteBuffer segment : segments) {
      if (index == count) {
        break;
      }
      ByteBuffer view = segment.duplicate();
      int part = Math.min(rest, PipeMemory.SEGMENT_BYTES - at);
      view.limit(at + part).position(at);
      views[index++] = view;
      rest -= part;
      at = 0;
    }
    return views;
  }

  /** How many lines the first {@code bytes} are. */
  int lines(int bytes) {
    int lines = 0;
    for (ByteBuffer view : snapshot(bytes)) {
      while (view.hasRemaining()) {
        lines += view.get() == '\n' ? 1 : 0;
      }
    }
    return lines;
  }

  /** Lets go of the first {@code bytes}; segments that are read to their end go back. */
  void consume(int bytes) {
    size -= bytes;
    int rest = bytes;
    while (rest > 0) {
      int inFirst =
          (segments.size() == 1 ? writePosition : PipeMemory.SEGMENT_BYTES) - readPosition;
      int part = Math.min(rest, inFirst);
      readPosition += part;
      rest -= part;
      if (part == inFirst) {
        giveBack(segments.removeFirst());
        readPosition = 0;
      }
    }
    if (segments.isEmpty()) {
      writePosition = 0;
    }
  }

  private void giveBack(ByteBuffer segment) {
    memory.give(segment, segments.size() + 1);
  }
}
