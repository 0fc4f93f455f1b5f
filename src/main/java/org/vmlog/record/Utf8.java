package org.vmlog.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds runs of printable ASCII, and decodes what is between them by Unicode table 3-7 (well-formed
 * UTF-8 byte sequences). Stateless. Thread-safe.
 */
public final class Utf8 {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private static final int LENGTH_BITS = 3;
  private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;

  private Utf8() {}

  /**
   * The end of the run of bytes in 20..7E that begins at {@code from}; {@code from} when there is
   * none.
   *
   * <p>Eight bytes at a time. A byte is outside 20..7E if its high bit is set in itself, after
   * taking away 20, or after adding 1. Borrows and carries only come from bytes that are outside,
   * and only go up, so the lowest bit set belongs to the first such byte.
   */
  static int printableEnd(byte[] src, int from, int end) {
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long w = (long) LONG.get(src, at);
      long outside = (w | (w - ONES * 0x20) | (w + ONES)) & HIGH_BITS;
      if (outside != 0) {
        return at + (Long.numberOfTrailingZeros(outside) >>> 3);
      }
    }
    while (at < end && src[at] >= 0x20 && src[at] != 0x7F) {
      at++;
    }
    return at;
  }

  /**
   * Decodes the sequence at {@code at}, which is before {@code end}.
   *
   * @return not negative: a code point, see {@link #codePoint} and {@link #length}; negative: minus
   *     the number of bytes that are ill-formed together
   */
  static int decode(byte[] src, int at, int end) {
    int lead = src[at];
    if (lead >= 0) {
      return pack(lead, 1);
    }
    lead &= 0xFF;
    if (lead < 0xC2 || lead > 0xF4) {
      return -1;
    }
    int second = trail(src, at + 1, end);
    if (second < secondMin(lead) || second > secondMax(lead)) {
      return -1;
    }
    if (lead < 0xE0) {
      return pack(((lead & 0x1F) << 6) | (second & 0x3F), 2);
    }
    int third = trail(src, at + 2, end);
    if (third < 0) {
      return -2;
    }
    int upper = ((second & 0x3F) << 6) | (third & 0x3F);
    if (lead < 0xF0) {
      return pack(((lead & 0x0F) << 12) | upper, 3);
    }
    int fourth = trail(src, at + 3, end);
    if (fourth < 0) {
      return -3;
    }
    return pack(((lead & 0x07) << 18) | (upper << 6) | (fourth & 0x3F), 4);
  }

  /**
   * The end of {@code [from, end)} without a character at its end of which only the beginning is
   * there: where to cut what is too long. What is no UTF-8 is cut at {@code end}.
   */
  public static int boundary(byte[] src, int from, int end) {
    int lead = end - 1;
    while (lead > from && lead > end - 4 && (src[lead] & 0xC0) == 0x80) {
      lead--;
    }
    if (lead < from) {
      return end;
    }
    int length =
        src[lead] >= 0 ? 1 : (src[lead] & 0xFF) < 0xE0 ? 2 : (src[lead] & 0xFF) < 0xF0 ? 3 : 4;
    boolean begins = (src[lead] & 0xFF) >= 0xC2 && (src[lead] & 0xFF) <= 0xF4;
    return begins && end - lead < length ? lead : end;
  }

  static int codePoint(int decoded) {
    return decoded >> LENGTH_BITS;
  }

  /** How many bytes the sequence takes, well-formed or not. */
  static int length(int decoded) {
    return decoded < 0 ? -decoded : decoded & LENGTH_MASK;
  }

  /** U+FDD0..U+FDEF and the last two code points of each plane, Unicode chapter 23.7. */
  static boolean isNonCharacter(int codePoint) {
    return (codePoint & 0xFFFE) == 0xFFFE || (codePoint >= 0xFDD0 && codePoint <= 0xFDEF);
  }

  private static int pack(int codePoint, int length) {
    return (codePoint << LENGTH_BITS) | length;
  }

  /** The byte at {@code at} if it is in 80..BF, else -1. */
  private static int trail(byte[] src, int at, int end) {
    return at < end && src[at] < (byte) 0xC0 ? src[at] & 0xFF : -1;
  }

  /** Excludes overlong forms. */
  private static int secondMin(int lead) {
    return lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  }

  /** Excludes surrogates and what is above U+10FFFF. */
  private static int secondMax(int lead) {
    return lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  }
}
