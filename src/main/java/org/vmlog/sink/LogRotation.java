package org.vmlog.sink;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Decides when one file is rotated.
 *
 * <p>A file's age is what it had when it was opened, by the wall clock and held between nothing and
 * the maximum, plus the monotonic time since. So a wall clock that jumps by a year makes at most
 * one rotation too many or too few for each opening, and none while the file is open. Confined to
 * the pipe's writer.
 */
final class LogRotation {
  private static final long FIRST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  private final Duration maxAge;
  private final LongSupplier maxSizeBytes;
  private final InstantSource wallClock;
  private final LongSupplier nanoTime;

  private Duration ageWhenOpened = Duration.ZERO;
  private long openedNanos;
  private long failedNanos;
  private long pauseNanos;

  LogRotation(
      Duration maxAge, LongSupplier maxSizeBytes, InstantSource wallClock, LongSupplier nanoTime) {
    this.maxAge = maxAge;
    this.maxSizeBytes = maxSizeBytes;
    this.wallClock = wallClock;
    this.nanoTime = nanoTime;
  }

  /** A file was opened that another opening may have begun. */
  void opened(Instant created) {
    Duration age = Duration.between(created, wallClock.instant());
    Duration atLeastNothing = age.isNegative() ? Duration.ZERO : age;
    ageWhenOpened = atLeastNothing.compareTo(maxAge) > 0 ? maxAge : atLeastNothing;
    openedNanos = nanoTime.getAsLong();
  }

  /** A rotation succeeded, and the file is a new one. */
  void rotated() {
    ageWhenOpened = Duration.ZERO;
    openedNanos = nanoTime.getAsLong();
    pauseNanos = 0;
  }

  /** A rotation failed: none is due for a second, and twice as long after each further failure. */
  void failed() {
    failedNanos = nanoTime.getAsLong();
    pauseNanos =
        pauseNanos == 0 ? FIRST_PAUSE_NANOS : Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
  }

  /**
   * Whether to rotate before the next write. An empty file never is: what is written next has to go
   * somewhere, however much it is.
   */
  boolean due(long sizeBytes, long nextWriteBytes) {
    if (sizeBytes == 0) {
      return false;
    }
    boolean full = sizeBytes + nextWriteBytes > maxSizeBytes.getAsLong();
    return (full || old()) && !isPausing();
  }

  private boolean old() {
    Duration open = Duration.ofNanos(nanoTime.getAsLong() - openedNanos);
    return ageWhenOpened.plus(open).compareTo(maxAge) >= 0;
  }

  /** Whether the last one failed a moment ago. */
  boolean isPausing() {
    return pauseNanos > 0 && nanoTime.getAsLong() - failedNanos < pauseNanos;
  }
}
