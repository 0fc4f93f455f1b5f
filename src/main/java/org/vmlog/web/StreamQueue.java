package org.vmlog.web;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What waits for a page. When it is full lines are left out, and a mark stands in their place that
 * says how many: a page that is slow sees what is new, and knows what it has not seen. Thread-safe.
 */
final class StreamQueue {
  static final int MAX_ITEMS = 10_000;
  static final int MAX_BYTES = 8 << 20;

  private final ArrayDeque<StreamItem> items = new ArrayDeque<>(); // guarded by this
  private int bytes; // guarded by this
  private long leftOut; // guarded by this

  /** Takes a line, or leaves it out. */
  synchronized void offer(StreamItem.Line line) {
    if (leftOut > 0 ? items.isEmpty() : hasRoomFor(line)) {
      put(line);
    } else {
      leftOut++;
    }
  }

  /** Takes what is not to be left out, of which there is little. */
  synchronized void put(StreamItem item) {
    if (leftOut > 0) {
      add(new StreamItem.LeftOut(leftOut));
      leftOut = 0;
    }
    add(item);
  }

  /** Takes a line when there is room; false if nobody has made any for so long. */
  synchronized boolean putWaiting(StreamItem.Line line, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!hasRoomFor(line)) {
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    put(line);
    return true;
  }

  private boolean hasRoomFor(StreamItem item) {
    return items.isEmpty() || (items.size() < MAX_ITEMS && bytes + item.bytes() <= MAX_BYTES);
  }

  private void add(StreamItem item) {
    items.addLast(item);
    bytes += item.bytes();
    notifyAll();
  }

  /** So many at most of what waits; nothing if nothing comes for so long. */
  synchronized List<StreamItem> take(int most, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    for (long millis = patience.toMillis(); items.isEmpty() && millis > 0; ) {
      wait(millis);
      millis = (deadline - System.nanoTime()) / 1_000_000;
    }
    List<StreamItem> taken = new ArrayList<>();
    while (!items.isEmpty() && taken.size() < most) {
      StreamItem item = items.removeFirst();
      bytes -= item.bytes();
      taken.add(item);
    }
    notifyAll();
    return taken;
  }
}
