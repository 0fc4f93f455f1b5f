package org.vmlog.view;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;
import org.vmlog.logs.LogFile;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;

/**
 * What a log takes. Immutable.
 *
 * @param bytes on disk, of all its files
 * @param modified when it was last written to
 */
public record LogUsage(VmLog log, int files, long bytes, Instant modified) {

  /** Looks at all files; empty if none is there any more. */
  public static Optional<LogUsage> of(VmLog log, Problems problems) {
    int files = 0;
    long bytes = 0;
    Instant modified = Instant.MIN;
    for (LogFile file : log.files()) {
      try {
        BasicFileAttributes stat =
            Files.readAttributes(file.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (stat.isRegularFile()) {
          Instant written = stat.lastModifiedTime().toInstant();
          files++;
          bytes += stat.size();
          modified = written.isAfter(modified) ? written : modified;
        }
      } catch (NoSuchFileException e) {
        // It has just been rotated or removed.
      } catch (IOException e) {
        problems.leftOut(file.path(), e);
      }
    }
    return files == 0 ? Optional.empty() : Optional.of(new LogUsage(log, files, bytes, modified));
  }
}
