package org.vmlog.realm;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections that wait for a listener: so many in all, and so many of one provided
 * sink, to which a component may connect as often as it likes. Confined to the broker's thread.
 */
final class WaitingRoom {
  static final int MAX_PER_SINK = 16;

  private final int max;
  private final Map<ProvidedSink, Integer> bySink = new HashMap<>();
  private int waiting;

  WaitingRoom(int max) {
    this.max = max;
  }

  /**
   * Lets one in, if there is room.
   *
   * @param sink that it came through; null if its launcher asked for it
   */
  boolean enter(@Nullable ProvidedSink sink) {
    if (waiting >= max || (sink != null && bySink.getOrDefault(sink, 0) >= MAX_PER_SINK)) {
      return false;
    }
    waiting++;
    if (sink != null) {
      bySink.merge(sink, 1, Integer::sum);
    }
    return true;
  }

  void leave(@Nullable ProvidedSink sink) {
    waiting--;
    if (sink != null) {
      bySink.computeIfPresent(sink, (key, count) -> count > 1 ? count - 1 : null);
    }
  }

  int waiting() {
    return waiting;
  }
}
