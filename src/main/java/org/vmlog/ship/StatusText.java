package org.vmlog.ship;

import java.nio.charset.StandardCharsets;

/** A status as text, a line {@code KEY VALUE} each. Confined to one thread. */
final class StatusText {
  private final StringBuilder text = new StringBuilder();

  void put(String key, long value) {
    put(key, Long.toString(value));
  }

  void put(String key, String value) {
    text.append(key).append(' ').append(value.replaceAll("\\p{Cntrl}", " ")).append('\n');
  }

  byte[] bytes() {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
