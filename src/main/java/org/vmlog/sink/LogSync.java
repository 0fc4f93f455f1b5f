package org.vmlog.sink;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Forces one file's lines to the disk as its mode says. What failed once is not tried again: see
 * {@link VmLogFile}. Confined to the pipe's writer.
 */
final class LogSync {
  static final Duration INTERVAL = Duration.ofSeconds(1);

  private final SyncMode mode;
  private final LongSupplier nanoTime;
  private boolean waiting;
  private long waitingSince;

  LogSync(SyncMode mode, LongSupplier nanoTime) {
    this.mode = mode;
    this.nanoTime = nanoTime;
  }

  /** Whether lines are ever forced to the disk. */
  boolean isOn() {
    return mode != SyncMode.NEVER;
  }

  /** Whether each write waits for the disk. */
  boolean isOfEachWrite() {
    return mode == SyncMode.ALWAYS;
  }

  /** Lines were written; when this returns, they may be acknowledged. */
  void written(FileChannel file) throws IOException {
    switch (mode) {
      case NEVER -> {}
      case INTERVAL -> {
        if (!waiting) {
          waiting = true;
          waitingSince = nanoTime.getAsLong();
        }
      }
      case ALWAYS -> file.force(false);
    }
  }

  /** How soon {@link #now} is to be called; null when nothing waits for it. */
  @Nullable Duration due() {
    if (!waiting) {
      return null;
    }
    Duration waited = Duration.ofNanos(nanoTime.getAsLong() - waitingSince);
    return waited.compareTo(INTERVAL) < 0 ? INTERVAL.minus(waited) : Duration.ZERO;
  }

  /** Forces what waits to the disk. */
  void now(FileChannel file) throws IOException {
    if (waiting) {
      waiting = false;
      file.force(false);
    }
  }
}
