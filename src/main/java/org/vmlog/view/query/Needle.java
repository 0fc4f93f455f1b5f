package org.vmlog.view.query;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds a string of bytes. Two of its bytes, the rarest in logs, are looked for eight places at a
 * time; only where both stand at their distance is the rest compared. Immutable, thread-safe.
 */
public final class Needle {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  /** Bytes by how common they are in logs, the most common first; all others are rarer. */
  private static final String COMMON =
      " eotainrs0dl1u2c3m4p5:.h6g789f-bvy_w/[]=<>k(),xA\"SVITCRMPEDLNj'OUqzFB";

  private final byte[] bytes;
  private final int first;
  private final int second;

  /** Looks for these bytes, which are at least one. */
  public Needle(byte[] bytes) {
    if (bytes.length == 0) {
      throw new IllegalArgumentException("nothing to look for");
    }
    this.bytes = bytes.clone();
    this.first = rarest(bytes, -1);
    this.second = bytes.length == 1 ? first : rarest(bytes, first);
  }

  public int length() {
    return bytes.length;
  }

  /** Where it stands first in {@code [from, to)}; -1 if nowhere. */
  public int find(byte[] text, int from, int to) {
    int at = from;
    int last = to - bytes.length;
    int wide = Math.min(last, to - Long.BYTES - Math.max(first, second));
    long firsts = ONES * (bytes[first] & 0xFF);
    long seconds = ONES * (bytes[second] & 0xFF);
    while (at <= wide) {
      long x = (long) LONG.get(text, at + first) ^ firsts;
      long y = (long) LONG.get(text, at + second) ^ seconds;
      // A byte of both is 0 where both match. Borrows give false hits only above a true one.
      long both = x | y;
      long hits = (both - ONES) & ~both & HIGH_BITS;
      if (hits != 0) {
        int candidate = at + (Long.numberOfTrailingZeros(hits) >>> 3);
        if (candidate > last) {
          return -1;
        }
        if (isAt(text, candidate)) {
          return candidate;
        }
        at = candidate + 1;
      } else {
        at += Long.BYTES;
      }
    }
    for (; at <= last; at++) {
      if (isAt(text, at)) {
        return at;
      }
    }
    return -1;
  }

  private boolean isAt(byte[] text, int at) {
    return Arrays.equals(text, at, at + bytes.length, bytes, 0, bytes.length);
  }

  /** The place of the rarest byte, but not of this one. */
  private static int rarest(byte[] bytes, int not) {
    int rarest = -1;
    int best = -1;
    for (int i = 0; i < bytes.length; i++) {
      int rank = COMMON.indexOf(bytes[i] & 0xFF);
      int rarity = rank < 0 ? COMMON.length() : rank;
      if (i != not && rarity > best) {
        best = rarity;
        rarest = i;
      }
    }
    return rarest;
  }
}
