package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.FileStat;
import org.vmlog.platform.PrivateFolder;

/**
 * One source's log file, with rotation. It is opened by the first write, and again by the first
 * after {@link #reopen} or a failure.
 *
 * <p>The file always ends on a newline when a call returns. A write that fails in the middle of a
 * line takes that line's beginning back, and no more: what was a whole line once stays. Where even
 * that fails, or the process dies in the middle, the next opening does it.
 *
 * <p>The writer's thread must not be interrupted: Java closes a file under an interrupted thread
 * and does not tell what it has written.
 *
 * <p>Confined to the pipe's writer, but for {@link #device}, which any thread may ask.
 */
public final class VmLogFile implements LineSink {
  private static final Logger LOG = LoggerFactory.getLogger(VmLogFile.class);

  private final LogDirectory directory;
  private final DiskQuota quota;
  private final LogFileName name;
  private final LogGrant grant;
  private final RotatedFiles rotated;
  private final LogRotation rotation;
  private final LogSync sync;
  private final @Nullable LogCompressor compressor;

  private volatile Object device;
  private @Nullable FileChannel file;
  private long sizeBytes;
  private boolean namesChanged;

  /** Opens nothing yet, but from now on the log is a live one. */
  public VmLogFile(
      DiskQuota quota,
      LogFileName name,
      RotationPolicy policy,
      SyncMode sync,
      LogCompressor compressor) {
    this(
        quota,
        name,
        new LogRotation(
            policy.maxAge(),
            () -> quota.books().rotationBytes(policy.maxSizeBytes()),
            InstantSource.system(),
            System::nanoTime),
        new LogSync(sync, System::nanoTime),
        policy.compress() ? compressor : null);
  }

  VmLogFile(
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
    this.rotation = rotation;
    this.sync = sync;
    this.compressor = compressor;
    this.device = directory.device();
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    long bytes = LineBuffers.remaining(lines);
    if (bytes == 0) {
      return new WriteResult.Complete(0);
    }
    try {
      return append(ready(bytes), lines, bytes);
    } catch (IOException e) {
      return new WriteResult.Failed(0, e);
    }
  }

  @Override
  public void reopen() {
    closeFile();
    try {
      FileChannel opened = open();
      LOG.debug("opened {}, {}", name, opened);
    } catch (IOException e) {
      LOG.debug("{} is opened by its next write, or that says why not", name, e);
    }
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the old file, if it could not be rotated
  public void rotate() throws IOException {
    FileChannel old = file == null ? open() : file;
    if (sizeBytes > 0 && rotate(old) == old) {
      throw new IOException(name + " cannot be rotated");
    }
  }

  /** The file system's st_dev: the folder's once it is known, before that the log folder's. */
  @Override
  public Object device() {
    return device;
  }

  @Override
  public @Nullable Duration syncDue() {
    return sync.due();
  }

  @Override
  public void sync() {
    FileChannel open = file;
    if (open != null) {
      try {
        sync.now(open);
      } catch (IOException e) {
        LOG.error("lines of {} may be lost if the host fails: {}", name, e.getMessage());
        closeFile();
      }
    }
  }

  @Override
  public void close() {
    closeFile();
    grant.close();
  }

  /** Answers a file that has room for so much, and whose name is there to stay. */
  private FileChannel ready(long bytes) throws IOException {
    FileChannel open = file == null ? open() : file;
    FileChannel ready = rotation.due(sizeBytes, bytes) ? rotate(open) : open;
    try {
      grant.need(bytes);
    } catch (QuotaException e) {
      // As a rotated file, what it has itself could make room; but a log keeps its half share.
      if (e.shortBytes() > sizeBytes || !grant.isOverHalfShare()) {
        throw e;
      }
      ready = rotate(ready);
      grant.need(bytes);
    }
    syncNames();
    return ready;
  }

  private FileChannel open() throws IOException {
    try (PrivateFolder folder = directory.folder(name)) {
      device = LogDirectory.device(folder.path());
      heal(folder);
      FileChannel opened = rotated.openCurrent(folder);
      try {
        sizeBytes = TornTail.cut(folder, name, opened);
        FileStat stat = folder.stat(name.file());
        rotation.opened(stat == null ? Instant.now() : stat.created());
      } catch (IOException e) {
        opened.close();
        throw e;
      }
      grant.opened(sizeBytes);
      file = opened;
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

  private WriteResult append(FileChannel open, ByteBuffer[] lines, long bytes) {
    LineAppend append = LineAppend.to(open, lines, bytes);
    if (append.cutFailure() != null) {
      LOG.warn(
          "{} ends in the middle of a line until it is opened again: {}",
          name,
          append.cutFailure().toString());
    }
    sizeBytes += append.bytes();
    grant.spent(append.bytes());
    return conclude(open, append.bytes(), append.failure());
  }

  /**
   * Forces to the disk what was written, if it is to be. After a failure the file is let go of: its
   * descriptor may be what is broken (ESTALE, a closed channel), and opening it anew checks its end
   * in any case.
   *
   * <p>When forcing fails, nothing is acknowledged, and a second try on this descriptor would prove
   * nothing: the kernel tells of a failed write-back once and then takes the pages for clean
   * (fsync(2), NOTES). The lines are not taken back, as no whole line ever is.
   */
  private WriteResult conclude(FileChannel open, long written, @Nullable IOException failure) {
    try {
      if (written > 0) {
        sync.written(open);
      }
    } catch (IOException e) {
      closeFile();
      return new WriteResult.Failed(0, e);
    }
    if (failure != null) {
      closeFile();
      return new WriteResult.Failed(written, failure);
    }
    return new WriteResult.Complete(written);
  }

  /** Answers the file to write to: the old one when it cannot be rotated now. */
  private FileChannel rotate(FileChannel old) {
    try (PrivateFolder folder = directory.folder(name)) {
      FileChannel fresh = rotated.create(folder);
      try {
        rotated.shift(folder);
      } catch (IOException e) {
        fresh.close();
        throw e;
      }
      grant.rotated();
      closeFile();
      file = fresh;
      namesChanged = true;
      sizeBytes = 0;
      rotation.rotated();
      compressRotated();
      return fresh;
    } catch (IOException e) {
      rotation.failed();
      LOG.warn("cannot rotate {}, which grows on: {}", name, e.getMessage());
      return old;
    }
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

  private void closeFile() {
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
}
