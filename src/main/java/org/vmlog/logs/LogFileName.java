package org.vmlog.logs;

import java.nio.file.Path;
import java.util.List;

/**
 * Where one source's log file lies below the log folder. Every part is a safe name. Immutable.
 *
 * @param folders from the log folder down, none of them {@code ..} or with a slash
 * @param stem the file's name without {@code .log}; at most 240 bytes
 */
public record LogFileName(List<String> folders, String stem) {
  public LogFileName {
    folders = List.copyOf(folders);
  }

  /** The name of the file that is written to. */
  public String file() {
    return stem + ".log";
  }

  /** The path of the file that is written to. */
  public Path in(Path logDirectory) {
    Path path = logDirectory;
    for (String folder : folders) {
      path = path.resolve(folder);
    }
    return path.resolve(file());
  }

  /** Whose log it is, as in the names of its folders and its file: {@code owner/name}. */
  public String source(Layout layout) {
    boolean chromeos = layout == Layout.CHROMEOS && folders.size() == 2;
    return (chromeos ? folders.get(0) : String.join("/", folders)) + "/" + stem;
  }

  /** As it stands below the log folder. */
  @Override
  public String toString() {
    return String.join("/", folders) + "/" + file();
  }
}
