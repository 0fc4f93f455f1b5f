package org.vmlog.ship;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;
import org.vmlog.sink.LogCursor;
import org.vmlog.sink.LogCursors;

/**
 * Keeps the cursors of all logs in one file, which is always whole. Not synced: after a loss of
 * power an older one may be there, and some records are sent again.
 *
 * <p>The group may read it: the forwarder does, to keep what is not shipped yet. Confined to one
 * thread.
 */
final class CursorStore {
  private static final int MAX_BYTES = 256 << 20;

  private final Path directory;

  CursorStore(Path directory) {
    this.directory = directory;
  }

  /**
   * The cursors that were saved, by the paths of their sources.
   *
   * @throws IOException if they cannot be read, or are not what was saved: who deletes the file has
   *     all files sent from their beginning
   */
  Map<String, LogCursor> load() throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      Optional<byte[]> found = WholeFile.read(folder, LogCursors.FILE, MAX_BYTES);
      return found.isEmpty()
          ? new TreeMap<>()
          : LogCursors.parse(found.get()).orElseThrow(this::damaged);
    }
  }

  void save(Map<String, LogCursor> cursors) throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      WholeFile.replaceUnsynced(
          folder, LogCursors.FILE, WholeFile.Readers.GROUP, LogCursors.format(cursors));
    }
  }

  private FileSystemException damaged() {
    return new FileSystemException(
        directory.resolve(LogCursors.FILE).toString(),
        null,
        "is not what was saved; delete it, and all files are sent from their beginning");
  }
}
