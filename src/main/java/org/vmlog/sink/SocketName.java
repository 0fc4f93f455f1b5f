package org.vmlog.sink;

import java.nio.file.Path;
import java.util.List;

/**
 * Where one VM's socket lies. Only {@link LogFileNaming} makes these, so every part is a safe name.
 * Immutable.
 *
 * @param base the folder that the configuration names
 * @param folders from there down
 */
public record SocketName(Path base, List<String> folders, String file) {
  public SocketName {
    folders = List.copyOf(folders);
  }

  /** Whether the VM's name is not in it, for an address has no room for that. */
  public boolean isDigest() {
    return folders.isEmpty();
  }

  public Path path() {
    Path path = base;
    for (String folder : folders) {
      path = path.resolve(folder);
    }
    return path.resolve(file);
  }
}
