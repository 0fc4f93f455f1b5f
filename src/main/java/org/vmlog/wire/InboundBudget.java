package org.vmlog.wire;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.vmlog.identity.SourceIdentity;

/**
 * The memory in which large requests gather until they are whole. gRPC takes every byte of a
 * message that it is sent, on every call of every connection, up to its largest size; with a few
 * dozen calls that is all the memory there is.
 *
 * <p>A request is free up to {@link #FREE_BYTES}: what guests send on most days. What it gathers
 * beyond is charged against one budget until it is answered. When that is spent, the source that
 * holds the most loses the oldest request that it has not sent to its end. So who sends slowly or
 * much at once is refused before anyone else is. Thread-safe.
 */
final class InboundBudget {
  static final int FREE_BYTES = 64 << 10;

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

    /** More bytes of the request have come. */
    void received(long bytes) {
      received += bytes;
      if (received > FREE_BYTES) {
        charge(this, received - FREE_BYTES);
      }
    }

    /** The request has come to its end and is not refused any more; it still takes its memory. */
    void whole() {
      if (received > FREE_BYTES) {
        synchronized (InboundBudget.this) {
          whole = true;
        }
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

  private void charge(Charge charge, long bytes) {
    Charge victim = null;
    synchronized (this) {
      if (charge.over) {
        return;
      }
      chargedBytes += bytes - charge.charged;
      charge.charged = bytes;
      charges.add(charge);
      if (chargedBytes > budgetBytes) {
        victim = oldestOfTheLargest();
        end(victim);
      }
    }
    if (victim != null) {
      victim.refuse.run();
    }
  }

  /** Guarded by this. */
  private void end(Charge charge) {
    charge.over = true;
    charges.remove(charge);
    chargedBytes -= charge.charged;
  }

  /** Guarded by this; only called when something that is not whole is charged. */
  private Charge oldestOfTheLargest() {
    SourceIdentity largest =
        charges.stream()
            .filter(charge -> !charge.whole)
            .map(charge -> charge.source)
            .distinct()
            .max(Comparator.comparingLong(this::heldBy))
            .orElseThrow();
    return charges.stream()
        .filter(charge -> !charge.whole && charge.source.equals(largest))
        .findFirst()
        .orElseThrow();
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
