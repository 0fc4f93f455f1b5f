package org.vmlog.sink;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.FileStat;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.sink.RotatedFiles.Identified;

/**
 * The file that one log is written to: opened when it is needed, whole to its last line, rotated
 * when it is due, and with room for what comes.
 *
 * <p>Confined to the pipe's writer, but for {@link #device}, which any thread may ask.
 */
final class CurrentFile {
  private static final Logger LOG = LoggerFactory.getLogger(CurrentFile.class);
  private static final LimitedLog TRUNCATED = LimitedLog.on(LOG);
  private static final LimitedLog NOT_ROTATED = LimitedLog.on(LOG);

  /** How often a write looks whether the file still has its name: one stat(2) for all of them. */
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  /**
   * After how many bytes one looks whether the file was cut, and sooner in a shorter one: what is
   * cut is not to be as long again by then, or a reader would go on in the middle of a line.
   */
  private static final long LOOK_BYTES = 4 << 10;

  private final LogDirectory directory;
  private final DiskQuota quota;
  private final LogFileName name;
  private final LogGrant grant;
  private final RotatedFiles rotated;
  private final StreamJournal journal;
  private final LogRotation rotation;
  private final LogSync sync;
  private final @Nullable LogCompressor compressor;

  private volatile Object device;
  private @Nullable FileChannel file;
  private long id;
  private long sizeBytes;
  private boolean namesChanged;
  private Object identity = "";
  private long lookedNanos;
  private long unlookedBytes; // appended since

  /** Opens nothing yet, but from now on the log is a live one. */
  CurrentFile(
      DiskQuota quota,
      LogFileName name,
      LogRotation rotation,
      LogSync sync,
      @Nullable LogCompressor compressor) {
    this.directory = quota.directory();
    this.quota = quota;
    this.name = name;
    this.grant = new LogGrant(quota, name);
    this.rotated = grant.files();
    this.journal = new StreamJournal(directory, name, rotated, sync.isOn());
    this.rotation = rotation;
    this.sync = sync;
    this.compressor = compressor;
    this.device = directory.device();
  }

  /** See {@link VmLogFile#device}. */
  Object device() {
    return device;
  }

  /** Answers a file that has room for so much, and whose name is there to stay. */
  FileChannel ready(long bytes) throws IOException {
    FileChannel open = file == null ? open(false) : looked(file, bytes);
    FileChannel ready = rotation.due(sizeBytes, bytes) ? rotate(open) : open;
    try {
      grant.need(bytes);
    } catch (QuotaException e) {
      // As a rotated file, what it has itself could make room; but a log keeps its half share.
      if (e.shortBytes() > sizeBytes || !grant.isOverHalfShare() || rotation.isPausing()) {
        throw e;
      }
      ready = rotate(ready);
      grant.need(bytes);
    }
    syncNames();
    return ready;
  }

  /** Whether {@link #ready} has nothing to do for so much, and nothing is to be done after it. */
  boolean isReady(long bytes) {
    return file != null
        && !isLookDue()
        && !rotation.due(sizeBytes, bytes)
        && grant.has(bytes)
        && !(namesChanged && sync.isOn())
        && !sync.isOfEachWrite();
  }

  /** The id of what {@link #ready} answered. */
  long id() {
    return id;
  }

  /** Knows of the streams whose records stand in the file. */
  StreamJournal journal() {
    return journal;
  }

  /** So much was appended to what {@link #ready} answered. */
  void appended(long bytes) {
    sizeBytes += bytes;
    unlookedBytes += bytes;
    grant.spent(bytes);
  }

  /** Lets go of the file and opens it anew; the next {@link #ready} says what is in the way. */
  void reopen() {
    journal.settle();
    letGo();
    try {
      FileChannel unused = open(false);
    } catch (IOException e) {
      LOG.debug("{} is opened by its next write, or that says why not", name, e);
    }
  }

  /** Whether there is anything in this file or a rotated one. */
  boolean holdsLines() throws IOException {
    if (file == null) {
      FileChannel opened = open(false);
      LOG.debug("opened {}, {}", name, opened);
    }
    if (sizeBytes > 0) {
      return true;
    }
    try (PrivateFolder folder = directory.folder(name)) {
      return rotated.areThere(folder);
    }
  }

  /** Begins a new file now, if there is one with something in it. */
  @SuppressWarnings("ReferenceEquality") // the old file, if it could not be rotated
  void rotate() throws IOException {
    FileChannel old = file == null ? open(false) : file;
    if (sizeBytes > 0 && rotate(old) == old) {
      throw new IOException(name + " cannot be rotated");
    }
  }

  /** Forces to the disk what waits for that. */
  void sync() {
    FileChannel open = file;
    if (open != null) {
      try {
        sync.now(open);
      } catch (IOException e) {
        LOG.error("lines of {} may be lost if the host fails: {}", name, e.getMessage());
        letGo();
      }
    }
  }

  /** Closes the file; the next {@link #ready} opens it. */
  void letGo() {
    FileChannel open = file;
    file = null;
    if (open == null) {
      return;
    }
    try (open) {
      sync.now(open);
    } catch (IOException e) {
      LOG.error("lines of {} may be lost if the host fails: {}", name, e.getMessage());
    }
    grant.giveBack();
  }

  /** Nobody writes to the log any more. */
  void close() {
    letGo();
    grant.close();
  }

  private boolean isLookDue() {
    return System.nanoTime() - lookedNanos >= LOOK_NANOS;
  }

  /**
   * Answers the file, or a new one if this one has lost its name: it was removed or moved, or with
   * its folder, or its file system was unmounted. What was written to it since the last look is
   * where it is.
   */
  private FileChannel looked(FileChannel open, long bytes) throws IOException {
    if (!isLookDue()) {
      long lookedAt = sizeBytes - unlookedBytes;
      return unlookedBytes + bytes < Math.min(lookedAt, LOOK_BYTES) ? open : whole(open);
    }
    lookedNanos = System.nanoTime();
    if (identity.equals(directory.identity(name))) {
      return whole(open);
    }
    LOG.warn("{} was removed or moved while it was written to; its lines go to a new file", name);
    journal.settle();
    letGo();
    return open(false);
  }

  /** As long as nobody has emptied it, as logrotate's copytruncate does. */
  private FileChannel whole(FileChannel open) throws IOException {
    long found;
    try {
      found = open.size();
    } catch (IOException e) {
      letGo(); // as after a write that fails: the channel may be what is closed
      throw e;
    }
    unlookedBytes = 0;
    if (found >= sizeBytes) {
      return open;
    }
    TRUNCATED.warn(
        "{} was {} bytes long and is {}: somebody has cut it; it goes on as another file",
        name,
        sizeBytes,
        found);
    journal.settle();
    letGo();
    return open(true);
  }

  private FileChannel open(boolean truncated) throws IOException {
    try (PrivateFolder folder = directory.folder(name)) {
      device = LogDirectory.device(folder.path());
      heal(folder);
      Identified current = rotated.openCurrent(folder, truncated);
      FileChannel opened = current.file();
      try {
        sizeBytes = TornTail.cut(folder, name, opened);
        FileStat stat = folder.stat(name.file());
        rotation.opened(stat == null ? Instant.now() : stat.created());
        found(stat);
      } catch (IOException e) {
        opened.close();
        throw e;
      }
      grant.opened(sizeBytes);
      file = opened;
      id = current.id();
      namesChanged = true;
      return opened;
    }
  }

  /** Leftovers are in nobody's way: what cannot be put right does not keep lines from the file. */
  private void heal(PrivateFolder folder) {
    try {
      rotated.heal(folder);
    } catch (IOException e) {
      LOG.warn("cannot tidy what was rotated of {}: {}", name, e.getMessage());
    }
    compressRotated();
  }

  /** Answers the file to write to: the old one when it cannot be rotated now. */
  private FileChannel rotate(FileChannel old) {
    try (PrivateFolder folder = directory.folder(name)) {
      Identified made = rotated.create(folder);
      FileChannel fresh = made.file();
      journal.settle();
      try {
        rotated.shift(folder);
      } catch (IOException e) {
        fresh.close();
        throw e;
      }
      grant.rotated();
      letGo();
      file = fresh;
      id = made.id();
      found(folder.stat(name.file()));
      namesChanged = true;
      sizeBytes = 0;
      rotation.rotated();
      compressRotated();
      return fresh;
    } catch (IOException e) {
      rotation.failed();
      NOT_ROTATED.warn(
          "cannot rotate {}, which grows on: {}", name, String.valueOf(e.getMessage()));
      return old;
    }
  }

  /** What has the name now is the file that is written to. */
  private void found(@Nullable FileStat stat) {
    identity = stat == null ? "" : stat.identity();
    lookedNanos = System.nanoTime();
    unlookedBytes = 0;
  }

  private void compressRotated() {
    if (compressor != null) {
      compressor.schedule(quota, grant.account());
    }
  }

  /** Lines are only as safe as the name that leads to them. */
  private void syncNames() throws IOException {
    if (namesChanged && sync.isOn()) {
      try (PrivateFolder folder = directory.folder(name)) {
        folder.sync();
      }
    }
    namesChanged = false;
  }
}
