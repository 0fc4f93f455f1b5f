package org.vmlog.platform;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a peer is tried again: twice as long each time, from a floor up to a cap,
 * and at random between that and half of it, so that those who lost the same peer do not all come
 * back at once. Only real work begins it anew: a peer that lets everybody in and then takes nothing
 * is met as slowly as one that is not there. Thread-safe.
 */
public final class Retry {
  /** No peer can ask to be left alone for longer. */
  static final Duration LONGEST_ASKED = Duration.ofMinutes(10);

  private final long floorNanos;
  private final long capNanos;

  @GuardedBy("this")
  private final RandomGenerator random;

  @GuardedBy("this")
  private long nextNanos;

  /**
   * Makes one that begins at its floor.
   *
   * @param floor what no pause is shorter than
   * @param cap what no pause is longer than, unless the peer asks for it; at least twice the floor
   */
  public Retry(Duration floor, Duration cap, RandomGenerator random) {
    if (floor.isZero() || floor.isNegative() || cap.compareTo(floor.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException("pauses from " + floor + " to " + cap);
    }
    this.floorNanos = floor.toNanos();
    this.capNanos = cap.toNanos();
    this.random = random;
    this.nextNanos = 2 * floorNanos;
  }

  /** The next pause. */
  public synchronized Duration next() {
    long nanos = nextNanos;
    nextNanos = Math.min(2 * nanos, capNanos);
    return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2 + 1));
  }

  /**
   * The next pause, where the peer has asked for one: that, and up to a quarter more, but never
   * shorter than it would be anyway, and ten minutes at most.
   */
  public synchronized Duration next(Duration asked) {
    Duration own = next();
    Duration bounded = asked.compareTo(LONGEST_ASKED) < 0 ? asked : LONGEST_ASKED;
    if (bounded.compareTo(own) <= 0) {
      return own;
    }
    return bounded.plusNanos(random.nextLong(bounded.toNanos() / 4 + 1));
  }

  /** The peer has done what it is there for. */
  public synchronized void succeeded() {
    nextNanos = 2 * floorNanos;
  }
}
