package org.vmlog.logs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A log as it was found: whose it is, and the names of its files.
 *
 * @param log where it lies below the folder of all logs
 * @param folder that all of its files are in
 * @param files the newest first; the one that is written to may be missing
 * @param isUnfinished whether a file is just being made, or was when a process was killed
 */
public record VmLog(
    LogName name, LogFileName log, Path folder, List<LogFile> files, boolean isUnfinished) {
  public VmLog {
    files = files.stream().sorted(LogFile.NEWEST_FIRST).toList();
  }

  /** The file that is written to. */
  public Path current() {
    return folder.resolve(log.file());
  }

  /** The highest number of its rotated files, or 0. */
  public int highest() {
    return files.isEmpty() ? 0 : files.get(files.size() - 1).number();
  }

  /** The paths of all files that there are, the oldest first. */
  public List<Path> paths() {
    List<Path> paths = new ArrayList<>();
    files.forEach(file -> paths.add(0, file.path()));
    return paths;
  }
}
