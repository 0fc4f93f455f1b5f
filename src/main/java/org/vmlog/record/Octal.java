package org.vmlog.record;

/** Octal numbers as the scrubbers write them. Stateless. Thread-safe. */
final class Octal {
  private static final int MIN_DIGITS = 3;

  private Octal() {}

  /** How many digits the number takes: as many as it needs, at least three. */
  static int digits(int value) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(value);
    return Math.max(MIN_DIGITS, (bits + 2) / 3);
  }

  static void put(int value, int digits, LineBuffer out) {
    for (int shift = 3 * (digits - 1); shift >= 0; shift -= 3) {
      out.put((byte) ('0' + ((value >> shift) & 7)));
    }
  }
}
