package org.vmlog.route;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pipe has dropped and not yet said in its sink.
 *
 * <p>A request of which something was dropped is acknowledged only once the drop line stands: OK
 * means written, or counted there. If the line cannot be written the request fails, its sender
 * keeps the records, and so they are no longer counted. Guarded by the pipe's lock, or confined to
 * its writer.
 */
final class PendingDrops {
  private record Owed(DropReason reason, long count, Ack ack) {}

  private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
  private final List<Owed> owed = new ArrayList<>();

  /** What of that is certain, since no sender is left who could send it again. */
  private final Map<DropReason, Long> uncounted = new EnumMap<>(DropReason.class);

  boolean isEmpty() {
    return counts.isEmpty();
  }

  void add(DropReason reason, long count, @Nullable Ack ack) {
    counts.merge(reason, count, Long::sum);
    if (ack != null) {
      owed.add(new Owed(reason, count, ack));
    } else {
      uncounted.merge(reason, count, Long::sum);
    }
  }

  /** Takes over everything that another holds. */
  void takeAll(PendingDrops other) {
    if (other.counts.isEmpty()) {
      return;
    }
    other.counts.forEach((reason, count) -> counts.merge(reason, count, Long::sum));
    other.uncounted.forEach((reason, count) -> uncounted.merge(reason, count, Long::sum));
    owed.addAll(other.owed);
    other.counts.clear();
    other.uncounted.clear();
    other.owed.clear();
  }

  /** A reason that is to be said next; only if there is one. */
  DropReason first() {
    return counts.keySet().iterator().next();
  }

  /** How many were dropped for this reason. */
  long count(DropReason reason) {
    return counts.getOrDefault(reason, 0L);
  }

  /** Counts what has become certain since the last call, whether it can be said or not. */
  void count(SourceStatistics statistics) {
    if (!uncounted.isEmpty()) {
      uncounted.forEach(statistics::dropped);
      uncounted.clear();
    }
  }

  /** Takes out what has been said, counts what is certain by that, and answers whom to tell so. */
  List<Ack> said(DropReason reason, SourceStatistics statistics) {
    counts.remove(reason);
    List<Ack> acks = new ArrayList<>();
    for (Iterator<Owed> each = owed.iterator(); each.hasNext(); ) {
      Owed one = each.next();
      if (one.reason == reason) {
        acks.add(one.ack);
        statistics.dropped(reason, one.count);
        each.remove();
      }
    }
    return acks;
  }

  /** Takes out what belongs to senders that will be told of a failure, and those senders. */
  List<Ack> withdrawOwed() {
    List<Ack> acks = owed.stream().map(Owed::ack).toList();
    for (Owed one : owed) {
      counts.computeIfPresent(
          one.reason,
          (reason, count) -> count > one.count ? Long.valueOf(count - one.count) : null);
    }
    owed.clear();
    return acks;
  }
}
