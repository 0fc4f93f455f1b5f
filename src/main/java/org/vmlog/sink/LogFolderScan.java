package org.vmlog.sink;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the logs in a folder of either layout: all files below it whose names are a log's, but no
 * links. What else is there is nobody's business here. Confined to one thread.
 */
final class LogFolderScan extends SimpleFileVisitor<Path> {
  private static final Logger LOG = LoggerFactory.getLogger(LogFolderScan.class);

  /** The stem may itself end in {@code .log.1}: the last {@code .log} is the one that counts. */
  private static final Pattern NAME =
      Pattern.compile("(.+)\\.log(?:\\.([1-9]\\d{0,4})(\\.gz)?|((?:\\.gz)?\\.new))?");

  private static final Comparator<Numbered> OLDEST_FIRST =
      Comparator.comparingInt(Numbered::number).reversed();

  /** A rotated file, by its number. */
  record Numbered(int number, RotatedFile file) {}

  /** One log. Confined to one thread. */
  static final class Found {
    private long currentBytes;
    private Instant currentModified = Instant.MIN;
    private final List<Numbered> rotated = new ArrayList<>();
    private boolean unfinished;

    long currentBytes() {
      return currentBytes;
    }

    Instant currentModified() {
      return currentModified;
    }

    /** The oldest first. */
    List<Numbered> rotated() {
      return rotated.stream().sorted(OLDEST_FIRST).toList();
    }

    /** Whether a killed process left a file that was still being made. */
    boolean unfinished() {
      return unfinished;
    }
  }

  private final Path base;
  private final Map<LogFileName, Found> logs = new HashMap<>();

  private LogFolderScan(Path base) {
    this.base = base;
  }

  /** Looks at every file below a folder. What cannot be looked at is logged and left out. */
  static Map<LogFileName, Found> scan(Path base) throws IOException {
    LogFolderScan scan = new LogFolderScan(base);
    Files.walkFileTree(base, scan);
    return scan.logs;
  }

  @Override
  public FileVisitResult visitFile(Path path, BasicFileAttributes stat) {
    Path folder = base.relativize(path).getParent();
    Matcher name = NAME.matcher(path.getFileName().toString());
    if (folder != null && stat.isRegularFile() && name.matches()) {
      List<String> folders = new ArrayList<>();
      folder.forEach(part -> folders.add(part.toString()));
      LogFileName log = new LogFileName(folders, name.group(1));
      add(logs.computeIfAbsent(log, missing -> new Found()), name, stat);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path path, IOException cause) throws IOException {
    if (path.equals(base)) {
      throw cause;
    }
    LOG.warn("{} counts for no quota, since it cannot be read: {}", path, cause.toString());
    return FileVisitResult.CONTINUE;
  }

  private static void add(Found log, Matcher name, BasicFileAttributes stat) {
    Instant modified = stat.lastModifiedTime().toInstant();
    if (name.group(4) != null) {
      log.unfinished = true;
    } else if (name.group(2) == null) {
      log.currentBytes = stat.size();
      log.currentModified = modified;
    } else {
      Object identity = Objects.requireNonNull(stat.fileKey(), "every file here has an inode");
      log.rotated.add(
          new Numbered(
              Integer.parseInt(name.group(2)),
              new RotatedFile(name.group(), identity, stat.size(), modified)));
    }
  }
}
