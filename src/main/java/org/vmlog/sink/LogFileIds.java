package org.vmlog.sink;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Tells the ids of log files to whoever reads them: another program, too, that may read the state
 * folder. With the offset of a line in the uncompressed text, an id says where a reader got to,
 * whatever the file is called by now. Immutable, thread-safe.
 */
public final class LogFileIds {
  private final LogState state;

  /**
   * Looks into a forwarder's state folder.
   *
   * @param state {@code state.directory} of its configuration
   */
  public LogFileIds(Path state) {
    this.state = new LogState(state);
  }

  /**
   * The id of one of a log's files; none if it is of a forwarder that gave it none, or so new that
   * its id is not saved yet.
   *
   * @param file the current one, or a rotated one, compressed if it is called {@code .gz}
   * @throws NoSuchFileException if it is gone, as after a rotation
   */
  public OptionalLong of(LogFileName log, Path file) throws IOException {
    if (file.toString().endsWith(".gz")) {
      try (InputStream gzip = new BufferedInputStream(Files.newInputStream(file))) {
        return IdentifiedGzip.id(gzip);
      }
    }
    long inode = (Long) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    Long id = saved(log).get(inode);
    return id == null ? OptionalLong.empty() : OptionalLong.of(id);
  }

  private Map<Long, Long> saved(LogFileName log) throws IOException {
    try {
      return FileIds.parse(Files.readAllBytes(state.idsPath(log)));
    } catch (NoSuchFileException e) {
      return Map.of();
    }
  }
}
