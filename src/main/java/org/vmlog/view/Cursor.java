package org.vmlog.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogName;

/**
 * How far logs have been read, as text that a later command can begin at. Rotation and compression
 * leave it valid; it knows a log by its name, and a file by its id. Immutable.
 */
public final class Cursor {
  private static final String VERSION = "v2.";
  private static final long FNV_OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /** By the hashes of the logs' names. */
  private final Map<Long, LogCursor> positions;

  private Cursor(Map<Long, LogCursor> positions) {
    this.positions = new TreeMap<>(positions);
  }

  static Cursor of(Map<LogName, LogCursor> positions) {
    Map<Long, LogCursor> byHash = new TreeMap<>();
    positions.forEach((name, position) -> byHash.put(key(name), position));
    return new Cursor(byHash);
  }

  /**
   * Parses what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static Cursor parse(String text) {
    try {
      if (!text.startsWith(VERSION)) {
        throw new IOException("another version");
      }
      byte[] bytes = Base64.getUrlDecoder().decode(text.substring(VERSION.length()));
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      Map<Long, LogCursor> positions = new TreeMap<>();
      while (in.available() > 0) {
        long key = in.readLong();
        positions.put(key, LogCursor.beginOf(in.readLong()).at(in.readLong()));
      }
      return new Cursor(positions);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "cursor \"%s\"; allowed is what --show-cursor printed".formatted(text), e);
    }
  }

  /** How far this log has been read; empty if it was not read at all. */
  Optional<LogCursor> of(LogName name) {
    return Optional.ofNullable(positions.get(key(name)));
  }

  /** FNV-1a. */
  private static long key(LogName name) {
    long hash = FNV_OFFSET_BASIS;
    for (byte b : (name.owner() + "\0" + name.name()).getBytes(UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }

  @Override
  public String toString() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Map.Entry<Long, LogCursor> one : positions.entrySet()) {
        out.writeLong(one.getKey());
        out.writeLong(one.getValue().file());
        out.writeLong(one.getValue().offset());
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory has no I/O errors", e);
    }
    return VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }
}
