package org.vmlog.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what systemd.io/JOURNAL_NATIVE_PROTOCOL and JOURNAL_EXPORT_FORMATS have in common: fields,
 * and an empty line behind an entry. A field that comes twice is an error. Stateless.
 */
public final class JournalFields {
  private JournalFields() {}

  /** The entries, each with its fields in the order in which they stand. */
  public static List<Map<String, String>> parse(ByteBuffer bytes) {
    List<Map<String, String>> entries = new ArrayList<>();
    Map<String, String> entry = new LinkedHashMap<>();
    ByteBuffer from = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (from.hasRemaining()) {
      String line = text(from, lineLength(from));
      from.get();
      int equals = line.indexOf('=');
      if (line.isEmpty()) {
        entries.add(entry);
        entry = new LinkedHashMap<>();
      } else if (equals >= 0) {
        put(entry, line.substring(0, equals), line.substring(equals + 1));
      } else {
        put(entry, line, text(from, Math.toIntExact(from.getLong())));
        if (from.get() != '\n') {
          throw new AssertionError("no newline behind the value of " + line);
        }
      }
    }
    if (!entry.isEmpty()) {
      entries.add(entry);
    }
    return entries;
  }

  private static void put(Map<String, String> entry, String name, String value) {
    if (entry.put(name, value) != null) {
      throw new AssertionError(name + " is there twice: " + entry);
    }
  }

  private static int lineLength(ByteBuffer from) {
    int end = from.position();
    while (from.get(end) != '\n') {
      end++;
    }
    return end - from.position();
  }

  private static String text(ByteBuffer from, int length) {
    byte[] bytes = new byte[length];
    from.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
