package org.vmlog.record;

import java.util.Arrays;

/**
 * What lines are rendered into: a byte array, and a position up to which it is filled. Confined to
 * one thread.
 */
public final class LineBuffer {
  private byte[] bytes;
  private int position;
  private int limit;

  /**
   * @param capacity in bytes
   */
  public LineBuffer(int capacity) {
    this.bytes = new byte[capacity];
    this.limit = capacity;
  }

  /** The array itself; what is rendered stands in {@code [0, position())}. */
  public byte[] bytes() {
    return bytes;
  }

  public int position() {
    return position;
  }

  /** Rolls back to where {@link #position()} once was, or forward over bytes put by other means. */
  public void position(int position) {
    if (position < 0 || position > bytes.length) {
      throw new IndexOutOfBoundsException(
          "position " + position + " is not in 0.." + bytes.length + ", the capacity");
    }
    this.position = position;
  }

  public int capacity() {
    return bytes.length;
  }

  /** How many more bytes fit. */
  public int remaining() {
    return limit - position;
  }

  public void clear() {
    position = 0;
  }

  /** Makes the buffer larger and keeps what it holds. A smaller capacity changes nothing. */
  public void grow(int newCapacity) {
    if (newCapacity > bytes.length) {
      bytes = Arrays.copyOf(bytes, newCapacity);
      limit = newCapacity;
    }
  }

  /** Holds back the room behind {@code limit}, until {@link #unlimit()}. */
  void limit(int limit) {
    this.limit = limit;
  }

  void unlimit() {
    limit = bytes.length;
  }

  /** Like all puts: the caller has made sure that it fits, by {@link #remaining()}. */
  public void put(byte b) {
    bytes[position++] = b;
  }

  public void put(byte[] src) {
    put(src, 0, src.length);
  }

  public void put(byte[] src, int offset, int length) {
    System.arraycopy(src, offset, bytes, position, length);
    position += length;
  }
}
