package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of the logs in a folder that another process writes, rotates and compresses meanwhile.
 *
 * <p>A rotation moves files to higher numbers, the highest first. So names are looked at from the
 * current file upwards: what moves in between is seen twice, under one identity, and never missed.
 * Confined to one thread.
 */
public final class LogListing {
  private static final int TRAILER_SIZE_BYTES = 4;

  private final Path directory;
  private final LogFileIds ids;
  private final Map<Object, Compressed> compressed = new HashMap<>();

  /** What was read of a compressed file, as long as it is the same. */
  private record Compressed(long id, long bytes, long fileBytes, FileTime modified) {
    boolean isOf(BasicFileAttributes stat) {
      return fileBytes == stat.size() && modified.equals(stat.lastModifiedTime());
    }
  }

  /**
   * Lists the logs of a forwarder.
   *
   * @param directory its log folder
   * @param state its state folder, where the ids are
   */
  public LogListing(Path directory, Path state) {
    this.directory = directory;
    this.ids = new LogFileIds(state);
  }

  /** What tells the ids of its files. */
  public LogFileIds ids() {
    return ids;
  }

  /** Every log, and the highest number of its rotated files, or 0. */
  public Map<LogFileName, Integer> logs() throws IOException {
    Map<LogFileName, Integer> logs = new HashMap<>();
    LogFolderScan.scan(directory)
        .forEach(
            (name, found) -> {
              List<LogFolderScan.Numbered> rotated = found.rotated();
              logs.put(name, rotated.isEmpty() ? 0 : rotated.get(0).number());
            });
    return logs;
  }

  /**
   * The files of a log that have something in them, the oldest first. The newest is left out as
   * long as it has no id.
   *
   * @param highest no rotated file had a higher number a moment ago
   * @return empty when it cannot be told now, since a file has no id that is not the newest
   */
  public Optional<List<ListedFile>> files(LogFileName log, int highest) throws IOException {
    Path current = log.in(directory);
    List<ListedFile> newestFirst = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    int top = highest;
    // Rotations come in between, and put the oldest at ever higher numbers.
    for (int number = 0; number <= top + 1; number++) {
      String name = current.getFileName() + (number == 0 ? "" : "." + number);
      for (Path path :
          List.of(current.resolveSibling(name), current.resolveSibling(name + ".gz"))) {
        BasicFileAttributes stat = stat(path);
        if (stat == null || !stat.isRegularFile() || stat.size() == 0) {
          continue;
        }
        top = Math.max(top, number);
        Object identity = Objects.requireNonNull(stat.fileKey(), "every file here has an inode");
        if (seen.contains(identity)) {
          continue;
        }
        boolean gzip = path.toString().endsWith(".gz");
        ListedFile file = gzip ? compressed(log, path, stat) : plain(log, path, stat);
        if (file == null) {
          if (!gzip && !newestFirst.isEmpty()) {
            return Optional.empty();
          }
        } else if (newestFirst.stream().noneMatch(other -> other.id() == file.id())) {
          newestFirst.add(file);
        }
        seen.add(identity);
      }
    }
    Collections.reverse(newestFirst);
    return Optional.of(newestFirst);
  }

  /** Forgets what was read of files that are gone; to be called now and then. */
  public void retain(Set<Object> identities) {
    compressed.keySet().retainAll(identities);
  }

  /** Null when it has no id, or has moved. */
  private @Nullable ListedFile plain(LogFileName log, Path path, BasicFileAttributes stat)
      throws IOException {
    OptionalLong id;
    try {
      id = ids.of(log, path);
    } catch (NoSuchFileException e) {
      return null;
    }
    Object identity = Objects.requireNonNull(stat.fileKey());
    BasicFileAttributes after = stat(path);
    boolean same = after != null && identity.equals(after.fileKey()) && after.size() >= stat.size();
    return id.isEmpty() || !same
        ? null
        : new ListedFile(path, id.getAsLong(), identity, false, stat.size());
  }

  private @Nullable ListedFile compressed(LogFileName log, Path path, BasicFileAttributes stat)
      throws IOException {
    Object identity = Objects.requireNonNull(stat.fileKey());
    Compressed known = compressed.get(identity);
    if (known == null || !known.isOf(stat)) {
      OptionalLong id;
      long bytes;
      try {
        id = ids.of(log, path);
        bytes = uncompressedBytes(path);
      } catch (NoSuchFileException e) {
        return null;
      }
      BasicFileAttributes after = stat(path);
      if (id.isEmpty() || after == null || !identity.equals(after.fileKey())) {
        return null;
      }
      known = new Compressed(id.getAsLong(), bytes, stat.size(), stat.lastModifiedTime());
      compressed.put(identity, known);
    }
    return new ListedFile(path, known.id(), identity, true, known.bytes());
  }

  /** ISIZE, RFC 1952 section 2.3.1. */
  private static long uncompressedBytes(Path path) throws IOException {
    ByteBuffer size = ByteBuffer.allocate(TRAILER_SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel file = FileChannel.open(path)) {
      file.read(size, Math.max(0, file.size() - TRAILER_SIZE_BYTES));
    }
    return Integer.toUnsignedLong(size.getInt(0));
  }

  private static @Nullable BasicFileAttributes stat(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
