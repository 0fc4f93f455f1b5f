package org.vmlog.wire;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.vmlog.identity.SourceIdentity;

/**
 * The memory in which requests gather until they are whole. gRPC takes every byte of a message that
 * it is sent, on every call of every connection, up to its largest size; with a few dozen calls
 * that is all the memory there is.
 *
 * <p>A request is free up to {@link #FREE_BYTES}: what guests send on most days. What it gathers
 * beyond is charged against one budget until it is answered. When that is spent, the source that
 * holds the most loses the oldest request that it has not sent to its end, or Push. So who sends
 * slowly or much at once is refused before anyone else is. Thread-safe.
 */
final class InboundBudget {
  static final int FREE_BYTES = 6 << 10;

  /** What a frame costs at least: a byte that comes alone may hold a small buffer all the same. */
  static final int FRAME_BYTES = PayloadPacker.SMALL_READ_BYTES;

  private final long budgetBytes;
  private final Set<Charge> charges = new LinkedHashSet<>(); // oldest first; guarded by this
  private long chargedBytes; // guarded by this

  InboundBudget(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /** One request's part. Confined to its event loop, but for what the budget guards. */
  final class Charge {
    private final SourceIdentity source;
    private final Runnable refuse;
    private long received;
    private long charged; // guarded by the budget
    private boolean whole; // guarded by the budget
    private boolean over; // guarded by the budget

    private Charge(SourceIdentity source, Runnable refuse) {
      this.source = source;
      this.refuse = refuse;
    }

    /** A frame with more bytes of the request has come. */
    void received(long bytes) {
      received += Math.max(bytes, FRAME_BYTES);
      if (received > FREE_BYTES) {
        charge(this, received - FREE_BYTES, false);
      }
    }

    /**
     * The request has come to its end and is not refused for others' sake any more. What it takes
     * from now on is its array, which may be smaller than its frames were, or, if it was
     * compressed, larger.
     *
     * @return false when there is no room for it, and it is to be refused
     */
    boolean whole(int bytes) {
      return Math.max(received, bytes) <= FREE_BYTES
          || charge(this, Math.max(0, bytes - FREE_BYTES), true);
    }

    /**
     * A Push's message has come to its end, and waits for its pipe. As {@link #whole}, but it may
     * still be refused for others' sake: a stream loses nothing by that.
     */
    void waits(int bytes) {
      if (Math.max(received, bytes) > FREE_BYTES) {
        boolean unused = charge(this, Math.max(0, bytes - FREE_BYTES), false);
      }
    }

    /** The request is answered, or given up. Thread-safe; may be called again. */
    void release() {
      synchronized (InboundBudget.this) {
        if (!over) {
          end(this);
        }
      }
    }
  }

  /**
   * A part for a request that begins.
   *
   * @param refuse has the request refused; called on any thread, at most once, not after release
   */
  Charge open(SourceIdentity source, Runnable refuse) {
    return new Charge(source, refuse);
  }

  /** Answers whether the charge stays. */
  private boolean charge(Charge charge, long bytes, boolean whole) {
    Charge victim = null;
    boolean stays;
    synchronized (this) {
      if (charge.over) {
        return false;
      }
      chargedBytes += bytes - charge.charged;
      charge.charged = bytes;
      charge.whole = whole;
      charges.add(charge);
      if (chargedBytes > budgetBytes) {
        victim = oldestOfTheLargest().orElse(charge);
        end(victim);
      }
      stays = !charge.over;
    }
    if (victim != null && !victim.whole) {
      victim.refuse.run();
    }
    return stays;
  }

  /** Guarded by this. */
  private void end(Charge charge) {
    charge.over = true;
    charges.remove(charge);
    chargedBytes -= charge.charged;
  }

  /** Guarded by this. Of what is not whole. */
  private Optional<Charge> oldestOfTheLargest() {
    return charges.stream()
        .filter(charge -> !charge.whole)
        .map(charge -> charge.source)
        .distinct()
        .max(Comparator.comparingLong(this::heldBy))
        .flatMap(
            largest ->
                charges.stream()
                    .filter(charge -> !charge.whole && charge.source.equals(largest))
                    .findFirst());
  }

  private long heldBy(SourceIdentity source) {
    return charges.stream()
        .filter(charge -> charge.source.equals(source))
        .mapToLong(charge -> charge.charged)
        .sum();
  }

  /** What is charged now, in bytes. */
  synchronized long chargedBytes() {
    return chargedBytes;
  }
}
