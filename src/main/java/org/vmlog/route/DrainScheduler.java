package org.vmlog.route;

import java.time.Duration;

/**
 * Sees to it that a pipe that was handed over is drained. What a pipe knows of its writers; methods
 * return at once and may be called by any thread.
 */
public interface DrainScheduler {
  /**
   * Has a pipe drained, again and again until it has nothing left. It must not be submitted again
   * before a drain has answered {@link Drained#IDLE}.
   */
  void submit(LogPipe pipe);

  /** Runs a short task after a while. */
  void later(Runnable task, Duration delay);
}
