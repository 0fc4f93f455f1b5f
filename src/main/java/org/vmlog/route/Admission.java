package org.vmlog.route;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether lines may enter a pipe now, and who waits until they may: a pipe is bounded in bytes, its
 * source by a rate, and all pipes together by their memory. Guarded by the pipe's lock.
 */
final class Admission {
  /** How soon an append is tried again that only other pipes stand in the way of. */
  private static final Duration ROOM_RETRY = Duration.ofMillis(5);

  /** Whoever else waits tries again on his own: a disk may hang for longer than those who wait. */
  private static final int MAX_WAITERS = 64;

  private final Backlog backlog;
  private final int maxBytes;
  private final @Nullable RateLimit rate;
  private final ArrayDeque<RoomWait> waiters = new ArrayDeque<>(1);

  Admission(Backlog backlog, int maxBytes, @Nullable RateLimit rate) {
    this.backlog = backlog;
    this.maxBytes = maxBytes;
    this.rate = rate;
  }

  int maxBytes() {
    return maxBytes;
  }

  /** Takes lines into the backlog, all or none. */
  Offer offer(byte[] lines, int offset, int length, SeverityCounts counts, @Nullable Ack ack) {
    if (ack instanceof StreamAppend append && append.stream().isEnded()) {
      return Offer.CLOSED;
    }
    int records = (int) counts.records();
    if (backlog.sizeBytes() + length > maxBytes
        || backlog.isCrowded()
        || isOverStreams(length, ack)) {
      return Offer.FULL;
    }
    if (rate != null && !rate.tryTake(records, length)) {
      return Offer.OVER_RATE;
    }
    if (!backlog.add(lines, offset, length, counts, ack)) {
      if (rate != null) {
        rate.giveBack(records, length);
      }
      return Offer.FULL;
    }
    return Offer.TAKEN;
  }

  /**
   * Streams wait as long as they must and fill what they are given; requests find room in the other
   * half, or what they hold is dropped.
   */
  private boolean isOverStreams(int length, @Nullable Ack ack) {
    int held = backlog.streamBytes();
    return ack instanceof StreamAppend && held > 0 && held + length > maxBytes / 2;
  }

  /** After how long to try again; null when the waiter is kept until {@link #awake}. */
  @Nullable Duration await(int length, int records, RoomWait waiter) {
    Duration overRate = rate == null ? Duration.ZERO : rate.untilPossible(records, length);
    if (!overRate.isZero()) {
      return overRate;
    }
    if (backlog.isEmpty() || waiters.size() >= MAX_WAITERS) {
      return ROOM_RETRY; // there may be room by now, or the memory of all pipes has run out
    }
    // Only what waits is sure to be followed by a write, and so by a waking of the waiters.
    waiters.addLast(waiter);
    return null;
  }

  /** Lets go of those who wait: something was written. */
  List<RoomWait> awake() {
    List<RoomWait> awake = List.copyOf(waiters);
    waiters.clear();
    return awake;
  }
}
