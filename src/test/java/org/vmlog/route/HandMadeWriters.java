package org.vmlog.route;

import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Writers without threads: who plays a writer has one drain done at a time, so that a test decides
 * when each happens. Objects when a pipe is handed over that is handed over already. Thread-safe.
 */
final class HandMadeWriters implements DrainScheduler {
  private final ArrayDeque<LogPipe> handedOver = new ArrayDeque<>(); // guarded by this
  private @Nullable String mistake; // guarded by this

  @Override
  public void submit(LogPipe pipe) {
    synchronized (this) {
      if (handedOver.contains(pipe)) {
        mistake = pipe + " was handed over twice";
      }
      handedOver.addLast(pipe);
    }
  }

  @Override
  public void later(Runnable task, Duration delay) {
    throw new UnsupportedOperationException("nothing here is put off");
  }

  /** Has the pipe that waits longest drained once; false when none waits. */
  boolean drainOne() {
    LogPipe pipe;
    synchronized (this) {
      pipe = handedOver.pollFirst();
    }
    if (pipe == null) {
      return false;
    }
    if (pipe.drain(null) == Drained.AGAIN) {
      submit(pipe);
    }
    return true;
  }

  /** Drains until nothing waits; throws what there was to object to. */
  void drainAll() {
    while (drainOne()) {
      // until none is left
    }
    synchronized (this) {
      if (mistake != null) {
        throw new AssertionError(mistake);
      }
    }
  }
}
