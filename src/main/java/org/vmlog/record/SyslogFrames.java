package org.vmlog.record;

import java.util.Arrays;

/**
 * Finds the messages in a stream of syslog, RFC 6587. How they are framed is told by the stream's
 * first byte: a digit other than 0 begins the length of a message ({@code 34 <1>…}, octet
 * counting), anything else a message that ends in LF. A CR before the LF, and LFs behind a counted
 * message, are no part of any. What is empty is no message.
 *
 * <p>Of a message longer than {@link SyslogParser#MAX_BYTES} bytes the beginning is given, up to a
 * character, with {@code #[cut]} behind it. A length that is none ends the stream: nobody can tell
 * where the next one would be.
 *
 * <p>Holds at most {@link SyslogParser#MAX_BYTES} bytes, and nothing between two messages. Confined
 * to one thread.
 */
final class SyslogFrames {
  /** Of a message; what the parser keeps of one. */
  static final int MAX_BYTES = SyslogParser.MAX_BYTES;

  private static final byte[] CUT_MARK = {'#', '[', 'c', 'u', 't', ']'};
  private static final int FIRST_BYTES = 512;

  /** So that a length is no overflow; nobody has a message of a gigabyte. */
  private static final int MAX_DIGITS = 9;

  private static final byte[] NONE = {};

  private enum State {
    FIRST_BYTE,
    LINE,
    LENGTH,
    COUNTED,
    BROKEN
  }

  private State state = State.FIRST_BYTE;
  private byte[] in = NONE;
  private int at;
  private int to;

  /** The beginning of a message that has not come whole. */
  private byte[] begun = NONE;

  private int begunLength;
  private boolean tooLong;
  private int digits;

  /** Of a counted message, how much has not come yet. */
  private int left;

  private boolean shed;
  private boolean cut;
  private boolean lost;
  private byte[] bytes = NONE;
  private int offset;
  private int length;

  /**
   * Takes what has come now. All that was fed before has to be read by {@link #next}.
   *
   * @param bytes stay as they are until {@link #next} answers false
   */
  void feed(byte[] bytes, int from, int to) {
    this.in = bytes;
    this.at = from;
    this.to = to;
  }

  /**
   * Finds the next message; it is good until the next call.
   *
   * @return false when there is none before more is fed
   */
  boolean next() {
    while (at < to && state != State.BROKEN) {
      if (state == State.FIRST_BYTE) {
        state = isDigit(in[at]) && in[at] != '0' ? State.LENGTH : State.LINE;
      }
      boolean whole =
          switch (state) {
            case LENGTH -> length(in[at++]);
            case COUNTED -> counted();
            default -> line();
          };
      if (whole && (length > 0 || lost)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Gives what has come of a message whose end has not: at the stream's end, as not everybody ends
   * the last one.
   *
   * @return whether there is any
   */
  boolean end() {
    boolean any = begunLength > 0 || shed;
    if (any) {
      giveBegun();
    }
    return any && (length > 0 || lost);
  }

  /** Whether a length was none; nothing more is found then. */
  boolean isBroken() {
    return state == State.BROKEN;
  }

  /** Whether the message that was given was too long. */
  boolean wasCut() {
    return cut;
  }

  /** Whether nothing is left of the message that was given. */
  boolean wasShed() {
    return lost;
  }

  /** What is kept of a message that is not whole. */
  int heldBytes() {
    return begunLength > 0 ? begun.length : 0;
  }

  /** Lets go of that; its end is given as one that {@link #wasShed}. */
  void shed() {
    shed |= begunLength > 0;
    begun = NONE;
    begunLength = 0;
  }

  /** What the message stands in, from {@link #offset} on. */
  byte[] bytes() {
    return bytes;
  }

  int offset() {
    return offset;
  }

  int length() {
    return length;
  }

  /** Takes one byte of a length; never a message yet. */
  private boolean length(byte b) {
    if (isDigit(b) && digits < MAX_DIGITS && (digits > 0 || b != '0')) {
      left = left * 10 + b - '0';
      digits++;
    } else if (b == ' ' && digits > 0) {
      digits = 0;
      state = State.COUNTED;
    } else if (digits > 0 || (b != '\n' && b != '\r')) {
      state = State.BROKEN;
      begun = NONE;
    }
    return false;
  }

  private boolean counted() {
    int end = (int) Math.min(to, (long) at + left);
    left -= end - at;
    boolean whole = left == 0;
    if (whole) {
      state = State.LENGTH;
    }
    return message(end, end, whole);
  }

  private boolean line() {
    int end = at;
    while (end < to && in[end] != '\n') {
      end++;
    }
    boolean whole = end < to;
    return message(end, whole ? end + 1 : end, whole);
  }

  /** Takes a message's bytes up to {@code end}; {@code next} is what comes then. */
  private boolean message(int end, int next, boolean whole) {
    int from = at;
    at = next;
    if (whole && begunLength == 0 && !shed && end - from <= MAX_BYTES) {
      cut = false;
      lost = false;
      give(in, from, end - from);
      return true;
    }
    keep(from, end);
    if (whole) {
      giveBegun();
    }
    return whole;
  }

  private void keep(int from, int end) {
    if (shed) {
      return;
    }
    int wanted = begunLength + end - from;
    int kept = Math.min(wanted, MAX_BYTES);
    tooLong |= wanted > kept;
    if (kept + CUT_MARK.length > begun.length) {
      int capacity = Math.max(FIRST_BYTES, Math.max(kept, 2 * begun.length));
      begun = Arrays.copyOf(begun, Math.min(capacity, MAX_BYTES) + CUT_MARK.length);
    }
    System.arraycopy(in, from, begun, begunLength, kept - begunLength);
    begunLength = kept;
  }

  private void giveBegun() {
    int end = begunLength;
    if (tooLong) {
      end = characterBoundary(begun, end);
      System.arraycopy(CUT_MARK, 0, begun, end, CUT_MARK.length);
      end += CUT_MARK.length;
    }
    cut = tooLong;
    lost = shed;
    shed = false;
    give(begun, 0, end);
    begun = NONE;
    begunLength = 0;
    tooLong = false;
  }

  private void give(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
    while (this.length > 0 && isLineEnd(bytes[offset + this.length - 1])) {
      this.length--;
    }
  }

  private static boolean isLineEnd(byte b) {
    return b == '\r' || b == '\n';
  }

  /** Where the last character begins if it is not whole; else the length. */
  private static int characterBoundary(byte[] bytes, int length) {
    int at = length - 1;
    while (at > length - 4 && (bytes[at] & 0xC0) == 0x80) {
      at--;
    }
    boolean whole = Utf8.decode(bytes, at, length) >= 0;
    return (bytes[at] & 0xC0) == 0xC0 && !whole ? at : length;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
