package org.vmlog.record;

/** Protobuf's base 128 varints. Stateless. Thread-safe. */
public final class Varints {
  private Varints() {}

  /** How many bytes a value takes; a negative one ten. */
  public static int size(long value) {
    return (63 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
  }

  /** Appends a value; the caller has made sure that it fits. */
  public static void put(LineBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }
}
