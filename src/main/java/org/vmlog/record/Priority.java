package org.vmlog.record;

/**
 * The {@code <PRI>} at the beginning of a syslog line, RFC 3164 section 4.1.1: one to three digits
 * that write a facility times 8 plus a severity, at most 191. Stateless. Thread-safe.
 */
final class Priority {
  private static final int MAX = 191;
  private static final int MAX_DIGITS = 3;
  private static final int NOTICE = 5;

  private Priority() {}

  /** Where {@code <PRI>} ends; {@code from} when there is none. */
  static int end(byte[] bytes, int from, int end) {
    if (from == end || bytes[from] != '<') {
      return from;
    }
    int close = Digits.end(bytes, from + 1, Math.min(end, from + 1 + MAX_DIGITS));
    boolean valid =
        close > from + 1
            && close < end
            && bytes[close] == '>'
            && Digits.value(bytes, from + 1, close) <= MAX;
    return valid ? close + 1 : from;
  }

  /** The severity of a priority in {@code [from, end)}; a notice's when it is empty. */
  static int severity(byte[] bytes, int from, int end) {
    return from == end ? NOTICE : Digits.value(bytes, from + 1, end - 1) & 7;
  }
}
