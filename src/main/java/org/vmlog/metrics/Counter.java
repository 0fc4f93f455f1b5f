package org.vmlog.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A count that only grows. Thread-safe, and cheap when many threads count at once. */
public final class Counter {
  private final LongAdder sum = new LongAdder();

  public void increment() {
    sum.increment();
  }

  public void add(long n) {
    sum.add(n);
  }

  public long value() {
    return sum.sum();
  }

  @Override
  public String toString() {
    return Long.toString(value());
  }
}
