package org.vmlog.ship;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Cuts what is too long for one message, never within a character of UTF-8. Stateless. */
public final class Pieces {
  private static final int MAX_CONTINUATION = 3;

  private Pieces() {}

  /**
   * Where pieces end.
   *
   * @param room of a piece, in bytes
   * @return the end of each, in order; the last is {@code end}
   */
  public static List<Integer> cuts(byte[] content, int offset, int end, int room) {
    return cuts(content, offset, end, room, 1, one -> 1);
  }

  /**
   * The same where a byte may become several. What fits in any case is not looked at.
   *
   * @param room of a piece, in the bytes that it becomes; more than one character does
   * @param most that a byte can become
   * @param size of what a byte becomes
   */
  static List<Integer> cuts(
      byte[] content, int offset, int end, int room, int most, IntUnaryOperator size) {
    if (end - offset <= room / most) {
      return List.of(end);
    }
    List<Integer> cuts = new ArrayList<>();
    int from = offset;
    int taken = 0;
    int at = offset;
    while (at < end) {
      taken += size.applyAsInt(content[at]);
      if (taken <= room) {
        at++;
      } else {
        at = characterBefore(content, from, at);
        cuts.add(at);
        from = at;
        taken = 0;
      }
    }
    cuts.add(end);
    return cuts;
  }

  /** What a piece says of itself, {@code 2/3}; nothing if there is but one. */
  public static String part(int piece, List<Integer> cuts) {
    return cuts.size() == 1 ? "" : (piece + 1) + "/" + cuts.size();
  }

  /** The last place up to {@code at} where a character begins; that, if there is none. */
  private static int characterBefore(byte[] content, int from, int at) {
    int begin = at;
    while (at - begin < MAX_CONTINUATION && begin > from + 1 && isContinuation(content[begin])) {
      begin--;
    }
    return isContinuation(content[begin]) ? at : begin;
  }

  private static boolean isContinuation(byte one) {
    return (one & 0xc0) == 0x80;
  }
}
