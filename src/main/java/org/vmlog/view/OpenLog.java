package org.vmlog.view;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.logs.LogFile;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;

/**
 * All files of a log, held open, each once and in their order, however the forwarder shifts and
 * compresses them meanwhile.
 *
 * <p>Files are opened from the newest to the oldest. A shift moves names the same way, so nothing
 * is skipped; whatever came twice, or is missing, shows in the end, and then all is done again.
 * Confined to one thread.
 */
final class OpenLog implements AutoCloseable {
  private static final int MAX_TRIES = 50;

  private final List<OpenFile> oldestFirst;

  private OpenLog(List<OpenFile> oldestFirst) {
    this.oldestFirst = oldestFirst;
  }

  /** Opens what there is of this log now. What this user may not read is left out. */
  static OpenLog open(VmLog found, LogFolder folder, Problems problems) throws IOException {
    VmLog log = found;
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      List<OpenFile> opened = new ArrayList<>();
      boolean settled = false;
      try {
        settled = open(log, opened, problems);
        if (settled) {
          return new OpenLog(opened);
        }
      } finally {
        if (!settled) {
          close(opened);
        }
      }
      log = folder.again(log);
    }
    throw new FileSystemException(
        found.current().toString(), null, "is rotated faster than it can be opened");
  }

  private static boolean open(VmLog log, List<OpenFile> oldestFirst, Problems problems)
      throws IOException {
    int before = -1;
    for (LogFile file : log.files()) {
      if (file.number() == before) {
        continue; // compressed beside plain: not whole yet
      }
      try {
        OpenFile opened = OpenFile.open(file);
        if (opened != null) {
          oldestFirst.add(0, opened);
          before = file.number();
        }
      } catch (NoSuchFileException e) {
        return false;
      } catch (FileSystemException e) {
        problems.leftOut(file.path(), e);
      }
    }
    return oldestFirst.isEmpty() || isSettled(oldestFirst);
  }

  private static boolean isSettled(List<OpenFile> oldestFirst) throws IOException {
    OpenFile newest = oldestFirst.get(oldestFirst.size() - 1);
    long different = oldestFirst.stream().map(OpenFile::identity).distinct().count();
    try {
      return different == oldestFirst.size() && newest.isStill(newest.path());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** The oldest first. */
  List<OpenFile> files() {
    return List.copyOf(oldestFirst);
  }

  /** Which of them is this one, or was made of it; -1 if none: then it is older than all. */
  int indexOf(OpenFile file) throws IOException {
    for (int i = oldestFirst.size() - 1; i >= 0; i--) {
      OpenFile one = oldestFirst.get(i);
      if (one.identity().equals(file.identity()) || one.isCompressed(file)) {
        return i;
      }
    }
    return -1;
  }

  private static void close(List<OpenFile> files) throws IOException {
    for (OpenFile file : files) {
      file.close();
    }
  }

  @Override
  public void close() throws IOException {
    close(oldestFirst);
  }
}
