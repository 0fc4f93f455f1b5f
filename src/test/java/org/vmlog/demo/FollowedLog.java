package org.vmlog.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A VM's log file as a reader sees it grow. Confined to one thread. */
final class FollowedLog {
  private final Path file;
  private int shownBytes;

  FollowedLog(Path file) {
    this.file = file;
  }

  /**
   * The lines that were not there at the last call; waits until there is one. A record that was
   * acknowledged is there at once: OK means written.
   */
  List<String> nextLines() throws IOException {
    Patience.until(file + " to grow", () -> size() > shownBytes);
    byte[] all = Files.readAllBytes(file);
    String grown = new String(all, shownBytes, all.length - shownBytes, UTF_8);
    shownBytes = all.length;
    return grown.lines().toList();
  }

  long size() {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long lines() throws IOException {
    try (var lines = Files.lines(file)) {
      return lines.count();
    }
  }
}
