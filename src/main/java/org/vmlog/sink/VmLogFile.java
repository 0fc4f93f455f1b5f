package org.vmlog.sink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogFileName;

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
 * <p>Confined to the pipe's writer, but for {@link #device} and {@link #devices}, which any thread
 * may ask.
 */
public final class VmLogFile implements StreamSink {
  private static final Logger LOG = LoggerFactory.getLogger(VmLogFile.class);

  private final LogFileName name;
  private final CurrentFile current;
  private final StreamJournal journal;
  private final LogSync sync;

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
    this.name = name;
    this.current = new CurrentFile(quota, name, rotation, sync, compressor);
    this.journal = current.journal();
    this.sync = sync;
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    return writeAll(lines, null);
  }

  @Override
  public WriteResult write(ByteBuffer[] lines, WriteIntent intent) {
    int[] starts = LineBuffers.positions(lines);
    WriteResult result = writeAll(lines, intent);
    journal.ended(
        result instanceof WriteResult.Complete
            ? intent.lines()
            : LineBuffers.lines(lines, starts, result.bytes()));
    return result;
  }

  private WriteResult writeAll(ByteBuffer[] lines, @Nullable WriteIntent intent) {
    long bytes = LineBuffers.remaining(lines);
    if (bytes == 0) {
      return new WriteResult.Complete(0);
    }
    try {
      FileChannel file = current.ready(bytes);
      if (intent != null) {
        journal.begin(current.id(), file.size(), intent);
      }
      return append(file, lines, bytes);
    } catch (IOException e) {
      return new WriteResult.Failed(0, e);
    }
  }

  @Override
  public long openStream(StreamId stream, Set<StreamId> inUse) throws IOException {
    return journal.open(stream, inUse);
  }

  @Override
  public long lastSeq(StreamId stream) {
    return journal.lastSeq(stream);
  }

  @Override
  public boolean isReady(long bytes) {
    return current.isReady(bytes);
  }

  @Override
  public boolean holdsLines() throws IOException {
    return current.holdsLines();
  }

  @Override
  public void reopen() {
    current.reopen();
  }

  @Override
  public void rotate() throws IOException {
    current.rotate();
  }

  /**
   * The file system's st_dev: the folder's once it is known, before that the log folder's; and the
   * state folder's while an intent is saved or read there.
   */
  @Override
  public Object device() {
    return journal.isBusy() ? journal.device() : current.device();
  }

  /** With the state folder's if the log has streams. */
  @Override
  public List<Object> devices() {
    return journal.isUsed()
        ? List.of(current.device(), journal.device())
        : List.of(current.device());
  }

  @Override
  public @Nullable Duration syncDue() {
    return sync.due();
  }

  @Override
  public void sync() {
    current.sync();
  }

  @Override
  public void close() {
    current.close();
    journal.close();
  }

  private WriteResult append(FileChannel open, ByteBuffer[] lines, long bytes) {
    LineAppend append = LineAppend.to(open, lines, bytes);
    if (append.cutFailure() != null) {
      LOG.warn(
          "{} ends in the middle of a line until it is opened again: {}",
          name,
          append.cutFailure().toString());
    }
    current.appended(append.bytes());
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
      current.letGo();
      return new WriteResult.Failed(0, e);
    }
    if (failure != null) {
      current.letGo();
      return new WriteResult.Failed(written, failure);
    }
    return new WriteResult.Complete(written);
  }
}
