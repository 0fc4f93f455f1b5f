package org.vmlog.sink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogFile;
import org.vmlog.logs.LogFileName;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.VmLog;

/** Takes stock of the logs in a folder: what each of their files takes. Stateless. */
final class LogFolderScan {
  private static final Logger LOG = LoggerFactory.getLogger(LogFolderScan.class);

  private LogFolderScan() {}

  /** A rotated file, by its number. */
  record Numbered(int number, RotatedFile file) {}

  /**
   * One log. Immutable.
   *
   * @param rotated the oldest first
   * @param isUnfinished whether a killed process left a file that was still being made
   */
  record Found(
      long currentBytes, Instant currentModified, List<Numbered> rotated, boolean isUnfinished) {}

  /** Looks at every file of every log. What cannot be looked at is logged and left out. */
  static Map<LogFileName, Found> scan(Path base) throws IOException {
    Map<LogFileName, Found> logs = new HashMap<>();
    for (VmLog log : LogFolder.open(base, LogFolderScan::leftOut).logsOfAnyLayout()) {
      logs.put(log.log(), found(log));
    }
    return logs;
  }

  private static Found found(VmLog log) {
    long currentBytes = 0;
    Instant currentModified = Instant.MIN;
    List<Numbered> rotated = new ArrayList<>();
    for (LogFile file : log.files()) {
      try {
        BasicFileAttributes stat =
            Files.readAttributes(file.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Instant modified = stat.lastModifiedTime().toInstant();
        if (!stat.isRegularFile()) {
          continue;
        }
        if (file.number() == 0) {
          currentBytes = stat.size();
          currentModified = modified;
        } else {
          String name = file.path().getFileName().toString();
          Object identity = Objects.requireNonNull(stat.fileKey(), "every file here has an inode");
          rotated.add(
              0,
              new Numbered(file.number(), new RotatedFile(name, identity, stat.size(), modified)));
        }
      } catch (NoSuchFileException e) {
        // It has just been removed.
      } catch (IOException e) {
        leftOut(file.path(), e);
      }
    }
    return new Found(currentBytes, currentModified, List.copyOf(rotated), log.isUnfinished());
  }

  private static void leftOut(Path path, Exception cause) {
    LOG.warn("{} counts for no quota, since it cannot be read: {}", path, cause.toString());
  }
}
