package org.vmlog.view;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Opens a log when its first line is asked for, and closes it with its last, so that logs that hold
 * nothing wanted take neither memory nor descriptors for long. Confined to one thread.
 */
final class LazyStream implements LineStream {
  /** Opens it. */
  @FunctionalInterface
  interface Opening {
    HistoryStream open() throws IOException;
  }

  private final Opening opening;
  private @Nullable HistoryStream stream;
  private boolean ended;

  LazyStream(Opening opening) {
    this.opening = opening;
  }

  @Override
  public @Nullable LogLine next() throws IOException {
    if (ended) {
      return null;
    }
    if (stream == null) {
      stream = opening.open();
    }
    LogLine line = stream.next();
    if (line == null) {
      close();
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    ended = true;
    if (stream != null) {
      stream.closeAll();
      stream = null;
    }
  }
}
