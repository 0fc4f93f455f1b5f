package org.vmlog.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.vmlog.record.StartMark;

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
    return nextLines("");
  }

  /** The same; waits until one of them ends so. */
  List<String> nextLines(String end) throws IOException {
    Patience.until(file + " to grow", () -> size() > shownBytes && grown().contains(end + "\n"));
    String grown = grown();
    shownBytes += grown.getBytes(UTF_8).length;
    return grown.lines().toList();
  }

  private String grown() {
    try {
      byte[] all = Files.readAllBytes(file);
      return new String(all, shownBytes, all.length - shownBytes, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last two, when the forwarder has said that the VM starts. */
  List<String> lastLines() throws IOException {
    Patience.until(file + " to have a mark", () -> grown().contains(StartMark.TEXT));
    List<String> lines = nextLines();
    return lines.subList(Math.max(0, lines.size() - 2), lines.size());
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
