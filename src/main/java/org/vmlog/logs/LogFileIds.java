package org.vmlog.logs;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.IdentifiedGzip.Head;

/**
 * Tells the ids of log files to whoever reads them: another program, too, that may read the state
 * folder. With the offset of a line in the uncompressed text, an id says where a reader got to,
 * whatever the file is called by now. Thread-safe.
 */
public final class LogFileIds {
  /** Below the state folder. */
  public static final String FOLDER = "logs";

  /**
   * The note in the log folder of where its ids are: that folder's path, and the state folder's, a
   * line each. It is good where it was written, and not in a copy.
   */
  public static final String NOTE = ".ids";

  private static final Pattern ROW = Pattern.compile("(\\d{1,19}) ([0-9a-f]{16})");

  private final @Nullable Path folder;
  private final boolean inodes;

  /** What was read, as long as it is the same file. */
  private final Map<LogFileName, Table> tables = new ConcurrentHashMap<>();

  private record Table(Object identity, FileTime modified, Map<Long, Long> byInode) {}

  /**
   * Looks into a forwarder's state folder.
   *
   * @param state {@code state.directory} of its configuration
   */
  public LogFileIds(Path state) {
    this(state.resolve(FOLDER), false);
  }

  private LogFileIds(@Nullable Path folder, boolean inodes) {
    this.folder = folder;
    this.inodes = inodes;
  }

  /**
   * Ids of all files in a folder, whoever made it: one that has none is called by its inode, which
   * is no other file's as long as it is there.
   */
  static LogFileIds ofAll(Path logs) {
    return new LogFileIds(noted(logs), true);
  }

  /** What the forwarder notes in a log folder that is there. */
  public static byte[] note(Path logs, Path state) throws IOException {
    return (logs.toRealPath() + "\n" + state.toAbsolutePath() + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable Path noted(Path logs) {
    try {
      List<String> lines = Files.readAllLines(logs.resolve(NOTE));
      boolean isHere = lines.size() == 2 && lines.get(0).equals(logs.toRealPath().toString());
      return isHere ? Path.of(lines.get(1)).resolve(FOLDER) : null;
    } catch (IOException | InvalidPathException e) {
      return null; // there is none, or it is damaged: as without it
    }
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
    long inode = inode(file);
    Long id = table(log).get(inode);
    return id != null
        ? OptionalLong.of(id)
        : inodes ? OptionalLong.of(inode) : OptionalLong.empty();
  }

  /** Whether a file that was listed had no id, and was called by its inode. */
  boolean isInode(ListedFile listed) throws IOException {
    return inodes && !listed.compressed() && listed.id() == inode(listed.path());
  }

  Optional<Head> head(Path gzip) throws IOException {
    try (InputStream in =
        new BufferedInputStream(Files.newInputStream(gzip, LinkOption.NOFOLLOW_LINKS))) {
      Optional<Head> head = IdentifiedGzip.head(in);
      return head.isEmpty() && inodes ? Optional.of(new Head(inode(gzip), 0)) : head;
    }
  }

  private static long inode(Path file) throws IOException {
    return (Long) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  private Map<Long, Long> table(LogFileName log) throws IOException {
    if (folder == null) {
      return Map.of();
    }
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
    } catch (AccessDeniedException e) {
      if (inodes) {
        return Map.of();
      }
      throw e;
    }
  }
}
