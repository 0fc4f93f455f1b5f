package org.vmlog.view;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFolder;

/**
 * Waits for something to happen in folders, by inotify(7). Where the kernel has no more of that to
 * give, time passes instead, and whoever waits has to look at everything. Confined to one thread
 * but for {@link #close}.
 */
final class FolderWatch implements AutoCloseable {
  private static final Duration WITHOUT_INOTIFY = Duration.ofMillis(250);

  private final @Nullable WatchService service;
  private final Map<WatchKey, Path> folders = new HashMap<>();
  private boolean complete = true;

  FolderWatch(LogFolder folder) {
    WatchService opened = null;
    try {
      opened = folder.path().getFileSystem().newWatchService();
    } catch (IOException e) {
      complete = false; // too many users of inotify
    }
    service = opened;
  }

  /** Watches these folders, too; one that was watched goes on being so. */
  void add(Set<Path> added) {
    for (Path folder : added) {
      if (service != null && !folders.containsValue(folder)) {
        try {
          WatchKey key =
              folder.register(
                  service,
                  StandardWatchEventKinds.ENTRY_CREATE,
                  StandardWatchEventKinds.ENTRY_MODIFY,
                  StandardWatchEventKinds.ENTRY_DELETE);
          folders.put(key, folder);
        } catch (IOException | ClosedWatchServiceException e) {
          complete = false;
        }
      }
    }
  }

  /**
   * Waits until something has changed, but not for longer than this.
   *
   * @return the files and folders that have; empty if that cannot be told
   */
  Optional<Set<Path>> await(Duration patience) throws InterruptedException {
    Set<Path> changed = new HashSet<>();
    boolean lost = !complete;
    long millis = (complete ? patience : WITHOUT_INOTIFY).toMillis();
    if (service == null) {
      Thread.sleep(millis);
      return Optional.empty();
    }
    try {
      for (WatchKey key = service.poll(millis, TimeUnit.MILLISECONDS);
          key != null;
          key = service.poll()) {
        lost |= !take(key, changed);
      }
    } catch (ClosedWatchServiceException e) {
      return Optional.of(changed);
    }
    return lost ? Optional.empty() : Optional.of(changed);
  }

  private boolean take(WatchKey key, Set<Path> changed) {
    Path folder = folders.get(key);
    boolean told = true;
    for (WatchEvent<?> event : key.pollEvents()) {
      if (folder != null && event.context() instanceof Path name) {
        changed.add(folder.resolve(name));
      } else {
        told = false; // OVERFLOW
      }
    }
    if (!key.reset()) {
      folders.remove(key);
    }
    return told;
  }

  /** Ends a wait, also on another thread. */
  @Override
  public void close() throws IOException {
    if (service != null) {
      service.close();
    }
  }
}
