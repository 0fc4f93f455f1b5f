package org.vmlog.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes in bytes: a plain number, or a string with a binary unit such as {@code "64MiB"}.
 * Thread-safe.
 */
final class Sizes {
  static final long KIB = 1L << 10;
  static final long MIB = 1L << 20;
  static final long GIB = 1L << 30;

  private static final Pattern SIZE = Pattern.compile("(\\d{1,19})(KiB|MiB|GiB)?");

  /** Both ends included; {@link Long#MAX_VALUE} is no upper end. */
  static ValueType<Long> between(long min, long max) {
    return toml -> {
      long bytes = parse(toml);
      if (bytes >= min && bytes <= max) {
        return bytes;
      }
      String upper = max == Long.MAX_VALUE ? "" : " and at most " + format(max);
      throw new BadValueException(
          "a size such as \"64MiB\" (KiB, MiB, GiB or plain bytes), at least "
              + format(min)
              + upper);
    };
  }

  /**
   * What is kept in the JVM's heap, of which it may take so many percent.
   *
   * @param options the variable by which users set the JVM's options
   */
  static ValueType<Long> inHeap(long min, int percent, String options) {
    long heap = Runtime.getRuntime().maxMemory();
    long max = Math.min(GIB, Math.max(min, heap / 100 * percent / MIB * MIB));
    ValueType<Long> type = between(min, max);
    return toml -> {
      try {
        return type.parse(toml);
      } catch (BadValueException e) {
        throw new BadValueException(
            e.allowed() + ", for the JVM's heap is small: " + options + "=-Xmx… makes it larger");
      }
    };
  }

  static ValueType<Long> atLeast(long min) {
    return between(min, Long.MAX_VALUE);
  }

  /** The shortest exact form that {@link #between} reads. */
  static String format(long bytes) {
    if (bytes == 0 || bytes % KIB != 0) {
      return Long.toString(bytes);
    }
    if (bytes % MIB != 0) {
      return bytes / KIB + "KiB";
    }
    return bytes % GIB != 0 ? bytes / MIB + "MiB" : bytes / GIB + "GiB";
  }

  /** The bytes, or -1, which is below every lower end, when it is no size at all. */
  private static long parse(Object toml) {
    if (toml instanceof Long bytes) {
      return bytes;
    }
    if (toml instanceof String text) {
      Matcher matcher = SIZE.matcher(text);
      if (matcher.matches()) {
        try {
          return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit(matcher.group(2)));
        } catch (ArithmeticException | NumberFormatException e) {
          return -1; // More than 2^63 bytes.
        }
      }
    }
    return -1;
  }

  private static long unit(String name) {
    if (name == null) {
      return 1;
    }
    return switch (name) {
      case "KiB" -> KIB;
      case "MiB" -> MIB;
      default -> GIB;
    };
  }

  private Sizes() {}
}
