package org.vmlog.record;

/** Decimal numbers in bytes. Stateless. Thread-safe. */
final class Digits {
  private Digits() {}

  /** The end of the run of digits that begins at {@code from}; {@code from} when there is none. */
  static int end(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at;
  }

  /** The number that the digits in {@code [from, end)}, nine at most, write. */
  static int value(byte[] bytes, int from, int end) {
    int value = 0;
    for (int at = from; at < end; at++) {
      value = 10 * value + bytes[at] - '0';
    }
    return value;
  }

  /** The same for up to eighteen digits. */
  static long longValue(byte[] bytes, int from, int end) {
    long value = 0;
    for (int at = from; at < end; at++) {
      value = 10 * value + bytes[at] - '0';
    }
    return value;
  }

  /** The value of a hexadecimal digit; -1 of anything else. */
  static int hex(byte b) {
    return Character.digit(b, 16);
  }
}
