package org.vmlog.ship;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogCursors;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;

/**
 * Keeps the cursors of all logs in two files. One is saved often and not synced: a kill leaves it
 * whole, a loss of power may not. The other is synced every few seconds, and is what is gone on
 * from then.
 *
 * <p>The group may read them: the forwarder reads the synced one, to keep what is not shipped yet.
 * Confined to one thread.
 */
final class CursorStore {
  private static final Logger LOG = LoggerFactory.getLogger(CursorStore.class);
  private static final String SET_ASIDE = ".unreadable";
  private static final int MAX_BYTES = 256 << 20;
  private static final long SYNC_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Path directory;
  private byte[] unsynced = {};
  private long syncedAt = System.nanoTime() - SYNC_NANOS;

  CursorStore(Path directory) {
    this.directory = directory;
  }

  /**
   * The cursors that were saved last, by the paths of their sources; if those are damaged, the ones
   * that were synced last; if those are, too, none. Says what will be sent again.
   *
   * @throws IOException if a file cannot be read; the message names it
   */
  Map<String, LogCursor> load() throws IOException {
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      Optional<byte[]> saved = WholeFile.read(folder, LogCursors.FILE, MAX_BYTES);
      Optional<byte[]> synced = WholeFile.read(folder, LogCursors.SYNCED, MAX_BYTES);
      if (saved.isEmpty() && synced.isEmpty()) {
        return new TreeMap<>();
      }
      Optional<Map<String, LogCursor>> last = saved.flatMap(LogCursors::parse);
      if (last.isPresent()) {
        return last.get();
      }
      setAside(folder, LogCursors.FILE, saved);
      Optional<Map<String, LogCursor>> older = synced.flatMap(LogCursors::parse);
      if (older.isPresent()) {
        LOG.warn(
            "{} is not what was saved; goes on from {}: what was sent in the last seconds before"
                + " is sent twice",
            folder.path(LogCursors.FILE),
            LogCursors.SYNCED);
        return older.get();
      }
      setAside(folder, LogCursors.SYNCED, synced);
      LOG.warn(
          "neither {} nor {} is what was saved: all files are sent from their beginning, and what"
              + " was sent before is sent twice, with the same ids",
          folder.path(LogCursors.FILE),
          LogCursors.SYNCED);
      return new TreeMap<>();
    }
  }

  private static void setAside(PrivateFolder folder, String name, Optional<byte[]> damaged)
      throws IOException {
    if (damaged.isPresent()) {
      folder.rename(name, name + SET_ASIDE);
    }
  }

  void save(Map<String, LogCursor> cursors) throws IOException {
    byte[] content = LogCursors.format(cursors);
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      WholeFile.replaceUnsynced(folder, LogCursors.FILE, WholeFile.Readers.GROUP, content);
    }
    unsynced = content;
  }

  /** Syncs what was saved since, if that is due or must be now. */
  void sync(boolean now) throws IOException {
    if (unsynced.length > 0 && (now || System.nanoTime() - syncedAt >= SYNC_NANOS)) {
      try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
        WholeFile.replace(folder, LogCursors.SYNCED, WholeFile.Readers.GROUP, unsynced);
      }
      unsynced = new byte[0];
      syncedAt = System.nanoTime();
    }
  }
}
