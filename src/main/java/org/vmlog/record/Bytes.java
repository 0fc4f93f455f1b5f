package org.vmlog.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks for bytes. Stateless. Thread-safe. */
final class Bytes {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  private Bytes() {}

  /** Where the first such byte is in {@code [from, end)}; {@code end} if there is none. */
  static int indexOf(byte[] bytes, int from, int end, byte wanted) {
    long pattern = (wanted & 0xFF) * ONES;
    int at = from;
    // Eight at a time: of a word without the byte, no byte becomes zero, and only a zero has its
    // highest bit set by what follows before any other has.
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long word = (long) LONGS.get(bytes, at) ^ pattern;
      long zeros = (word - ONES) & ~word & HIGHS;
      if (zeros != 0) {
        return at + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    while (at < end && bytes[at] != wanted) {
      at++;
    }
    return at;
  }
}
