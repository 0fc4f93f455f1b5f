package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a vmlog-ship says of itself in its state folder, for other programs. Immutable.
 *
 * @param values as docs/fleet.md lists them
 * @param written when; it is written again every five seconds
 */
public record ShipReport(Map<String, String> values, Instant written) {
  private static final Duration ALIVE = Duration.ofSeconds(30);

  /**
   * Reads the last one; empty if none ever shipped from here.
   *
   * @param directory the shipper's state folder
   */
  public static Optional<ShipReport> read(Path directory) throws IOException {
    Path file = directory.resolve(ShipStatus.FILE);
    try {
      Map<String, String> values = new LinkedHashMap<>();
      for (String line : Files.readString(file, UTF_8).lines().toList()) {
        int space = line.indexOf(' ');
        if (space > 0) {
          values.merge(
              line.substring(0, space), line.substring(space + 1), (one, next) -> one + " " + next);
        }
      }
      return Optional.of(new ShipReport(values, Files.getLastModifiedTime(file).toInstant()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Whether whoever wrote it is still at it. */
  public boolean isAlive(Instant now) {
    return Duration.between(written, now).compareTo(ALIVE) < 0;
  }

  /** The values, with numbers as such. */
  public Map<String, Object> typed() {
    Map<String, Object> typed = new LinkedHashMap<>();
    values.forEach((key, value) -> typed.put(key, isNumber(value) ? Long.valueOf(value) : value));
    return typed;
  }

  /** Empty if it is not said. */
  public String text(String key) {
    return values.getOrDefault(key, "");
  }

  /** 0 if it is not said. */
  public long number(String key) {
    String value = text(key);
    return isNumber(value) ? Long.parseLong(value) : 0;
  }

  private static boolean isNumber(String value) {
    return value.matches("\\d{1,18}");
  }
}
