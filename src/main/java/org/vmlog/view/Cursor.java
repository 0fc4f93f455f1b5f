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
import org.vmlog.logs.LogName;

/**
 * How far logs have been read, as text that a later command can begin at. Rotation and compression
 * leave it valid; it knows a log by its name and its lines. Immutable.
 */
public final class Cursor {
  private static final String VERSION = "v1.";

  /** By the hashes of the logs' names. */
  private final Map<Long, Position> positions;

  private Cursor(Map<Long, Position> positions) {
    this.positions = new TreeMap<>(positions);
  }

  static Cursor of(Map<LogName, Position> positions) {
    Map<Long, Position> byHash = new TreeMap<>();
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
      Map<Long, Position> positions = new TreeMap<>();
      while (in.available() > 0) {
        long key = in.readLong();
        Fingerprint file = new Fingerprint(in.readUnsignedShort(), in.readLong());
        positions.put(key, new Position(file, in.readLong()));
      }
      return new Cursor(positions);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "cursor \"%s\"; allowed is what --show-cursor printed".formatted(text), e);
    }
  }

  /** How far this log has been read; empty if it was not read at all. */
  Optional<Position> of(LogName name) {
    return Optional.ofNullable(positions.get(key(name)));
  }

  private static long key(LogName name) {
    return Fingerprint.hash((name.owner() + "\0" + name.name()).getBytes(UTF_8));
  }

  @Override
  public String toString() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Map.Entry<Long, Position> one : positions.entrySet()) {
        out.writeLong(one.getKey());
        out.writeShort(one.getValue().file().length());
        out.writeLong(one.getValue().file().hash());
        out.writeLong(one.getValue().offset());
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory has no I/O errors", e);
    }
    return VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }
}
