package org.vmlog.demo;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.vmlog.platform.ProcessSignals;

/**
 * How fast the demo goes, and when it ends: at Ctrl-C, or when its time is over. What is left of
 * the script when the time is over is shown without pauses. Confined to one thread, but for the
 * signals.
 */
final class Pace {
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Optional<Duration> time;
  private long start = System.nanoTime();

  /** Thrown by a pause in which Ctrl-C was pressed. */
  static final class StoppedException extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * From now on Ctrl-C no longer ends the process at once.
   *
   * @param time how long, or empty for until Ctrl-C
   */
  Pace(Optional<Duration> time) {
    this.time = time;
    ProcessSignals.onTerminate(stop::countDown);
    ProcessSignals.onHangup(stop::countDown); // the terminal was closed
  }

  /** Begins to count the time. */
  void start() {
    start = System.nanoTime();
  }

  void pause(long millis) throws StoppedException, InterruptedException {
    if (stop.await(
        Math.min(TimeUnit.MILLISECONDS.toNanos(millis), leftNanos()), TimeUnit.NANOSECONDS)) {
      throw new StoppedException();
    }
  }

  boolean isOver() {
    return leftNanos() <= 0;
  }

  private long leftNanos() {
    return time.map(all -> start + all.toNanos() - System.nanoTime()).orElse(Long.MAX_VALUE);
  }

  boolean isStopped() {
    return stop.getCount() == 0;
  }
}
