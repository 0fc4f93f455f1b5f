package org.vmlog.route;

import org.jspecify.annotations.Nullable;

/**
 * Somebody's wait for room in a pipe. Who no longer waits cancels it: the pipe or a timer may keep
 * the wait for seconds, but not what it was to call. Thread-safe.
 */
public final class RoomWait {
  private volatile @Nullable Runnable waiter;

  RoomWait(Runnable waiter) {
    this.waiter = waiter;
  }

  /** There may be room now. */
  void over() {
    Runnable waiting = waiter;
    waiter = null;
    if (waiting != null) {
      waiting.run();
    }
  }

  /** Nobody waits any more. */
  public void cancel() {
    waiter = null;
  }
}
