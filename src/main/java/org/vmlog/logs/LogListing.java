package org.vmlog.logs;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
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
import org.vmlog.logs.IdentifiedGzip.Head;

/**
 * The files of the logs in a folder that another process writes, rotates and compresses meanwhile.
 *
 * <p>A rotation moves files to higher numbers, the highest first. So names are looked at from the
 * current file upwards: what moves in between is seen twice, under one identity, and never missed.
 * A file that cannot be read is told of, and all others are listed. Confined to one thread.
 */
public final class LogListing {
  private final Path directory;
  private final LogFileIds ids;
  private final Problems problems;
  private final Map<Object, Compressed> compressed = new HashMap<>();

  /** What was read of a compressed file's header, as long as it is the same file. */
  private record Compressed(Head head, long fileBytes, FileTime modified) {
    boolean isOf(BasicFileAttributes stat) {
      return fileBytes == stat.size() && modified.equals(stat.lastModifiedTime());
    }
  }

  /**
   * Lists the logs of a forwarder.
   *
   * @param directory its log folder
   * @param state its state folder, where the ids are
   * @param problems told of each file that is left out, each time
   */
  public LogListing(Path directory, Path state, Problems problems) {
    this(directory, new LogFileIds(state), problems);
  }

  LogListing(Path directory, LogFileIds ids, Problems problems) {
    this.directory = directory;
    this.ids = ids;
    this.problems = problems;
  }

  /** What tells the ids of its files. */
  public LogFileIds ids() {
    return ids;
  }

  /** Every log, and the highest number of its rotated files, or 0. */
  public Map<LogFileName, Integer> logs() throws IOException {
    Map<LogFileName, Integer> logs = new HashMap<>();
    for (VmLog log : LogFolder.open(directory, problems).logs()) {
      logs.put(log.log(), log.highest());
    }
    return logs;
  }

  /**
   * The files of a log that have something in them and can be read, the oldest first. The newest is
   * left out as long as it has no id.
   *
   * @param highest no rotated file had a higher number a moment ago
   * @return empty when it cannot be told now, since a file has no id that is not the newest
   */
  public Optional<List<ListedFile>> files(LogFileName log, int highest) {
    Path current = log.in(directory);
    List<ListedFile> newestFirst = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    boolean isComplete = true;
    int top = highest;
    // Rotations come in between, and put the oldest at ever higher numbers.
    for (int number = 0; number <= top + 1; number++) {
      boolean hasPlain = false; // which is whole, whatever is beside it
      for (Path path : names(current, number)) {
        try {
          BasicFileAttributes stat = stat(path);
          if (!stat.isRegularFile() || stat.size() == 0) {
            continue;
          }
          top = Math.max(top, number);
          boolean gzip = path.toString().endsWith(".gz");
          if (seen.contains(identity(stat)) || (gzip && hasPlain)) {
            continue;
          }
          ListedFile file = gzip ? compressed(path, number, stat) : plain(log, path, number, stat);
          if (file == null) {
            isComplete &= gzip || newestFirst.isEmpty();
          } else if (newestFirst.stream().noneMatch(other -> other.id() == file.id())) {
            newestFirst.add(file);
          }
          hasPlain |= file != null;
          if (file != null) {
            seen.add(identity(stat));
          }
        } catch (NoSuchFileException e) {
          // It has another name by now, or never was.
        } catch (ClosedByInterruptException e) {
          // Nobody waits for this any more: who opens the file next hears of it.
        } catch (IOException e) {
          problems.leftOut(path, e);
        }
      }
    }
    Collections.reverse(newestFirst);
    return isComplete ? Optional.of(newestFirst) : Optional.empty();
  }

  private static List<Path> names(Path current, int number) {
    Path plain = current.resolveSibling(current.getFileName() + (number == 0 ? "" : "." + number));
    return number == 0
        ? List.of(plain)
        : List.of(plain, plain.resolveSibling(plain.getFileName() + ".gz"));
  }

  /** The file that is written to; null if there is none, nothing in it, or no id of it. */
  @Nullable ListedFile current(LogFileName log) throws IOException {
    Path path = log.in(directory);
    try {
      BasicFileAttributes stat = stat(path);
      return stat.isRegularFile() && stat.size() > 0 ? plain(log, path, 0, stat) : null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Forgets what was read of files that are gone; to be called now and then. */
  public void retain(Set<Object> identities) {
    compressed.keySet().retainAll(identities);
  }

  /** Null when it has no id, or has moved. */
  private @Nullable ListedFile plain(
      LogFileName log, Path path, int number, BasicFileAttributes stat) throws IOException {
    OptionalLong id = ids.of(log, path);
    BasicFileAttributes after = stat(path);
    boolean same = identity(stat).equals(identity(after)) && after.size() >= stat.size();
    return id.isEmpty() || !same ? null : listed(path, number, id.getAsLong(), stat, stat.size());
  }

  private @Nullable ListedFile compressed(Path path, int number, BasicFileAttributes stat)
      throws IOException {
    Compressed known = compressed.get(identity(stat));
    if (known == null || !known.isOf(stat)) {
      Optional<Head> head = ids.head(path);
      if (!identity(stat).equals(identity(stat(path)))) {
        return null;
      }
      if (head.isEmpty()) {
        throw new FileSystemException(
            path.toString(), null, "has no id in its header: no forwarder compressed it");
      }
      known = new Compressed(head.get(), stat.size(), stat.lastModifiedTime());
      compressed.put(identity(stat), known);
    }
    return listed(path, number, known.head().id(), stat, Math.max(0, known.head().plainBytes()));
  }

  private static ListedFile listed(
      Path path, int number, long id, BasicFileAttributes stat, long bytes) {
    boolean gzip = path.toString().endsWith(".gz");
    return new ListedFile(
        path, number, id, identity(stat), gzip, bytes, stat.lastModifiedTime().toInstant());
  }

  private static Object identity(BasicFileAttributes stat) {
    return Objects.requireNonNull(stat.fileKey(), "every file here has an inode");
  }

  private static BasicFileAttributes stat(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
