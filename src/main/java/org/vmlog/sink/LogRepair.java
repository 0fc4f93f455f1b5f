package org.vmlog.sink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.PrivateFolder;

/**
 * Puts right what a killed process has left of every log, before anything is written or removed:
 * cuts off torn lines, finds out how far streams' records stand, and forgets logs that are gone.
 * Confined to the thread that starts the daemon.
 */
public final class LogRepair {
  private static final Logger LOG = LoggerFactory.getLogger(LogRepair.class);

  private final LogDirectory directory;
  private final int keep;
  private final SyncMode sync;

  private LogRepair(LogDirectory directory, int keep, SyncMode sync) {
    this.directory = directory;
    this.keep = keep;
    this.sync = sync;
  }

  /**
   * Goes through all logs; one that cannot be put right is told of and left.
   *
   * @param keep how many rotated files of one log stay
   */
  public static void run(LogDirectory directory, int keep, SyncMode sync) throws IOException {
    LogRepair repair = new LogRepair(directory, keep, sync);
    Map<LogFileName, LogFolderScan.Found> logs = LogFolderScan.scan(directory.path());
    logs.forEach(
        (name, found) -> {
          if (found.currentBytes() > 0) {
            repair.attempt(name, repair::cutTornTail);
          }
        });
    try {
      for (LogFileName name : directory.state().names()) {
        repair.attempt(name, logs.containsKey(name) ? repair::settleStreams : repair::forget);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("what is kept of logs cannot be looked at: {}", e.toString());
    }
  }

  /** Something to be done with a log. */
  private interface Step {
    void on(LogFileName name) throws IOException;
  }

  private void attempt(LogFileName name, Step step) {
    try {
      step.on(name);
    } catch (IOException e) {
      LOG.warn("cannot repair {}: {}", name, e.toString());
    }
  }

  private void cutTornTail(LogFileName name) throws IOException {
    try (PrivateFolder folder = directory.folder(name);
        FileChannel current = folder.openAppend(name.file())) {
      long unused = TornTail.cut(folder, name, current);
    }
  }

  private void settleStreams(LogFileName name) throws IOException {
    RotatedFiles files = new RotatedFiles(name, keep, directory.state(), (now, shifted) -> {});
    boolean synced = sync != SyncMode.NEVER;
    try (StreamJournal journal = new StreamJournal(directory, name, files, synced)) {
      journal.repair();
    }
  }

  /** Not if its folder is missing: what is mounted there may come later, and its ids are true. */
  private void forget(LogFileName name) throws IOException {
    Path parent = name.in(directory.path()).getParent();
    if (parent != null && Files.isDirectory(parent)) {
      directory.state().forget(name);
    }
  }
}
