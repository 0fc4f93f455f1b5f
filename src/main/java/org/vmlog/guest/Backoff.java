package org.vmlog.guest;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the host is tried again: twice as long each time, up to a limit, and at
 * random between that and half of it, so that the guests of a host that was restarted do not all
 * come at once. Confined to one thread.
 */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(100);
  static final Duration LIMIT = Duration.ofSeconds(5);

  private final RandomGenerator random;
  private Duration next = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  Duration next() {
    long nanos = next.toNanos();
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LIMIT) < 0 ? doubled : LIMIT;
    return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2 + 1));
  }

  /** The host was there. */
  void reset() {
    next = FIRST;
  }
}
