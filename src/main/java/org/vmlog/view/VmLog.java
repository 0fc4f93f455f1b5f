package org.vmlog.view;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A log as it was found: whose it is, and the names of its files.
 *
 * @param folder that all of its files are in
 * @param files the newest first; the one that is written to may be missing
 */
public record VmLog(LogName name, Path folder, String stem, List<LogFile> files) {
  public VmLog {
    files = files.stream().sorted(LogFile.NEWEST_FIRST).toList();
  }

  /** The file that is written to. */
  public Path current() {
    return folder.resolve(stem + ".log");
  }

  /** The paths of all files that there are, the oldest first. */
  public List<Path> paths() {
    List<Path> paths = new ArrayList<>();
    files.forEach(file -> paths.add(0, file.path()));
    return paths;
  }
}
