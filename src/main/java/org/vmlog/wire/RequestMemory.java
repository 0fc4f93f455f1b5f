package org.vmlog.wire;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import org.vmlog.identity.SourceIdentity;

/**
 * The memory that peers' bytes may take, and the one rule by which it is shared: a source may hold
 * as much as would still be free then.
 *
 * <p>A source that is alone gets half of it. Beside one that takes all it can, the next gets half
 * of the rest; where 64 do, a newcomer still finds a 65th. Nobody's request goes for another's: who
 * asks for too much is refused, and told how much that was. And what is held is never more than the
 * total, whatever comes, but for what is owed: 17 KiB at the most for each request that waits.
 *
 * <p>Counted is what a peer's bytes make us keep: arrays as large as they are allocated, what a
 * compressed message unpacks to and what unpacks it, what a Push has sent that is not asked for
 * yet, the part of a frame whose rest has not come, what a byte stream has sent of a record that is
 * not whole, and lines that wait for their pipe. Thread-safe.
 */
public final class RequestMemory {
  /** What peers count as together that have no name: they cannot be told from each other. */
  private static final Object NAMELESS = new Object();

  private final long totalBytes;

  @GuardedBy("this")
  private final Map<Object, Account> accounts = new HashMap<>();

  @GuardedBy("this")
  private long heldBytes;

  /** Nothing is held yet. */
  public RequestMemory(long totalBytes) {
    this.totalBytes = totalBytes;
  }

  /** A source's account, for one more connection of it, which is to close it. */
  synchronized Account open(SourceIdentity source) {
    Object key = source instanceof SourceIdentity.Refused ? NAMELESS : source;
    return accounts.computeIfAbsent(key, Account::new).used();
  }

  /** What all sources hold together. */
  synchronized long heldBytes() {
    return heldBytes;
  }

  /** How many sources hold something, or are connected. */
  synchronized int accounts() {
    return accounts.size();
  }

  /** What one source holds, over all of its connections. Thread-safe. */
  final class Account {
    private final Object key;

    @GuardedBy("RequestMemory.this")
    private int users;

    @GuardedBy("RequestMemory.this")
    private long held;

    private Account(Object key) {
      this.key = key;
    }

    private Account used() {
      synchronized (RequestMemory.this) {
        users++;
      }
      return this;
    }

    /** Takes all of it or, when the rule does not allow that, nothing. */
    boolean take(long bytes) {
      synchronized (RequestMemory.this) {
        if (held + bytes > totalBytes - heldBytes - bytes) {
          return false;
        }
        held += bytes;
        heldBytes += bytes;
        return true;
      }
    }

    private void owe(long bytes) {
      synchronized (RequestMemory.this) {
        held += bytes;
        heldBytes += bytes;
      }
    }

    void give(long bytes) {
      synchronized (RequestMemory.this) {
        held -= bytes;
        heldBytes -= bytes;
        forgetIfIdle();
      }
    }

    /** Why so much could not be taken, for the peer. */
    String refusal(long bytes) {
      synchronized (RequestMemory.this) {
        long allowed = (totalBytes - (heldBytes - held)) / 2;
        return "too much is being sent at once: "
            + held
            + " bytes of this source are held and "
            + bytes
            + " more were wanted; allowed are "
            + allowed
            + " now";
      }
    }

    /** A connection of the source is gone; what is still held of it counts until it is given. */
    void close() {
      synchronized (RequestMemory.this) {
        users--;
        forgetIfIdle();
      }
    }

    @GuardedBy("RequestMemory.this")
    private void forgetIfIdle() {
      if (users == 0 && held == 0) {
        accounts.remove(key);
      }
    }
  }

  /**
   * What is held for one request or byte stream, given back at once when that is over. Confined to
   * one thread.
   */
  static final class Charge {
    private final Account account;
    private long held;

    Charge(Account account) {
      this.account = account;
    }

    /** As {@link Account#take}. */
    boolean take(long bytes) {
      boolean taken = account.take(bytes);
      held += taken ? bytes : 0;
      return taken;
    }

    /**
     * Takes what is held already, whatever the rule says of that; it says no to what comes next.
     */
    void owe(long bytes) {
      account.owe(bytes);
      held += bytes;
    }

    /** Gives some of it back; what was given back with all of it before, not again. */
    void give(long bytes) {
      long given = Math.min(bytes, held);
      account.give(given);
      held -= given;
    }

    /**
     * Takes or gives so that this is what is held; false, with all as it was, if it is too much.
     */
    boolean hold(long bytes) {
      if (bytes > held) {
        return take(bytes - held);
      }
      if (bytes < held) {
        give(held - bytes);
      }
      return true;
    }

    String refusal(long bytes) {
      return account.refusal(bytes);
    }

    /** May be called again. */
    void release() {
      if (held != 0) {
        give(held);
      }
    }
  }
}
