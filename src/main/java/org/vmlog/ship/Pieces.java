package org.vmlog.ship;

import java.util.ArrayList;
import java.util.List;

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
    List<Integer> cuts = new ArrayList<>();
    int at = offset;
    while (end - at > room) {
      at = characterBefore(content, at, at + room);
      cuts.add(at);
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
