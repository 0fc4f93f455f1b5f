package org.vmlog.logs;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vmlog.logs.IdentifiedGzip.Head;

/**
 * Tells the ids of log files to whoever reads them: another program, too, that may read the state
 * folder. With the offset of a line in the uncompressed text, an id says where a reader got to,
 * whatever the file is called by now. Thread-safe.
 */
public final class LogFileIds {
  /** Below the state folder. */
  public static final String FOLDER = "logs";

  private static final Pattern ROW = Pattern.compile("(\\d{1,19}) ([0-9a-f]{16})");

  private final Path folder;

  /** What was read, as long as it is the same file. */
  private final Map<LogFileName, Table> tables = new ConcurrentHashMap<>();

  private record Table(Object identity, FileTime modified, Map<Long, Long> byInode) {}

  /**
   * Looks into a forwarder's state folder.
   *
   * @param state {@code state.directory} of its configuration
   */
  public LogFileIds(Path state) {
    this.folder = state.resolve(FOLDER);
  }

  /** What the file with a log's ids is called, in folders named as the log's own are. */
  public static String file(LogFileName log) {
    return log.stem() + ".ids";
  }

  /** Reads such a file: ids by inode, a line {@code INODE ID} each. All else is passed over. */
  public static Map<Long, Long> parse(byte[] text) {
    Map<Long, Long> ids = new LinkedHashMap<>();
    for (String line : new String(text, StandardCharsets.US_ASCII).split("\n", -1)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        ids.put(Long.parseUnsignedLong(row.group(1)), Long.parseUnsignedLong(row.group(2), 16));
      }
    }
    return ids;
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
      Optional<Head> head = head(file);
      return head.isPresent() ? OptionalLong.of(head.get().id()) : OptionalLong.empty();
    }
    long inode = (Long) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    Long id = table(log).get(inode);
    return id == null ? OptionalLong.empty() : OptionalLong.of(id);
  }

  static Optional<Head> head(Path gzip) throws IOException {
    try (InputStream in =
        new BufferedInputStream(Files.newInputStream(gzip, LinkOption.NOFOLLOW_LINKS))) {
      return IdentifiedGzip.head(in);
    }
  }

  private Map<Long, Long> table(LogFileName log) throws IOException {
    Path path = log.in(folder).resolveSibling(file(log));
    try {
      BasicFileAttributes stat = Files.readAttributes(path, BasicFileAttributes.class);
      Object identity = Objects.requireNonNull(stat.fileKey(), "every file here has an inode");
      Table known = tables.get(log);
      // A new table is another file each time, and its time differs if it has the inode again.
      if (known == null
          || !known.identity().equals(identity)
          || !known.modified().equals(stat.lastModifiedTime())) {
        known = new Table(identity, stat.lastModifiedTime(), parse(Files.readAllBytes(path)));
        tables.put(log, known);
      }
      return known.byInode();
    } catch (NoSuchFileException e) {
      tables.remove(log);
      return Map.of();
    }
  }
}
