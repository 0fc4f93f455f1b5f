package org.vmlog.platform;

import java.util.Locale;

/** Numbers as people read them. Stateless. */
public final class Amount {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Amount() {}

  /** Bytes with three or four digits: {@code 17 B}, {@code 1.2 MiB}, {@code 815 GiB}. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024) {
      value /= 1024;
      unit++;
    }
    return String.format(
        Locale.ROOT, unit > 0 && value < 10 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
  }
}
