package org.vmlog.sink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFileName;
import org.vmlog.sink.Eviction.Turn;
import org.vmlog.sink.Eviction.Victim;

/**
 * The accounts of all logs, and what follows from their sum; no file is touched here.
 *
 * <p>The lock is innermost, and held for a few instructions, or for a look at each account when
 * something must go. Thread-safe.
 */
final class QuotaBooks {
  /** A log is not rotated before it has this size, however many logs share the disk. */
  private static final long MIN_ROTATION_BYTES = 256 * 1024;

  /** The most that a writer is granted beyond what it needs, and which part of a quota. */
  private static final long MAX_STEP_BYTES = 1 << 20;

  private static final int STEP_PART = 64;

  /** A file that is written to is at most this part of what its log may hold. */
  private static final int ROTATION_PART = 4;

  private final QuotaPolicy policy;
  private final int keep;
  private final LogState state;
  private final Retention retention;

  @GuardedBy("this")
  private final Map<LogFileName, LogAccount> accounts = new HashMap<>();

  @GuardedBy("this")
  private long usedBytes;

  @GuardedBy("this")
  private long pendingBytes;

  @GuardedBy("this")
  private long capacity;

  @GuardedBy("this")
  private int live;

  /** Read on each write, so not guarded. */
  private volatile long rotationBytes;

  QuotaBooks(QuotaPolicy policy, int keep, LogState state, Retention retention) {
    this.policy = policy;
    this.keep = keep;
    this.state = state;
    this.retention = retention;
  }

  /**
   * The answer to a writer that needs room: what it may append now, or what has to go first.
   *
   * @param spareBytes nothing when there is a victim
   * @param victim pinned, until {@link #unpin}
   */
  record Answer(long spareBytes, @Nullable Victim victim) {}

  /**
   * When to rotate a file instead of letting it grow: at the least of the given size, a quarter of
   * one log's quota and a quarter of a live log's share, but not under 256 KiB.
   */
  long rotationBytes(long maxSizeBytes) {
    return Math.min(maxSizeBytes, rotationBytes);
  }

  /** A log was found in the folder, and nobody writes to it. */
  synchronized LogAccount found(LogFileName name, long currentBytes, Instant currentModified) {
    LogAccount account = made(name);
    accounts.put(name, account);
    update(
        account,
        () -> {
          account.pins++;
          account.currentBytes = currentBytes;
          account.currentModified = currentModified;
        });
    return account;
  }

  synchronized List<LogAccount> all() {
    return List.copyOf(accounts.values());
  }

  /** A log gets a writer, and so is live. */
  synchronized LogAccount attach(LogFileName name) {
    LogAccount account = accounts.computeIfAbsent(name, this::made);
    if (account.writers++ == 0) {
      live++;
      sizeRotation();
    }
    return account;
  }

  private LogAccount made(LogFileName name) {
    return new LogAccount(name, keep, state, retention, this);
  }

  /** A writer is gone; without any the log is dormant. */
  synchronized void detach(LogAccount account) {
    if (account.writers == 1) {
      live--;
      sizeRotation();
      if (!account.currentModified.equals(Instant.MIN)) {
        account.currentModified = Instant.now();
      }
    }
    update(account, () -> account.writers--);
  }

  /** The current file was opened and has this size. */
  void opened(LogAccount account, LogGrant holder, long sizeBytes) {
    update(
        account,
        () -> {
          account.holder = holder;
          account.currentBytes = sizeBytes;
          account.currentModified = Instant.now();
          account.grantedBytes = 0;
        });
  }

  /** The log holds these rotated files now; called with the lock of its files held. */
  void holds(LogAccount account, List<RotatedFile> oldestFirst, boolean shifted) {
    update(
        account,
        () -> {
          account.rotated(oldestFirst);
          if (shifted) {
            account.currentBytes = 0;
            account.grantedBytes = 0;
            if (!account.isLive()) {
              account.currentModified = Instant.MIN;
            }
          }
        });
  }

  /**
   * Lets a log grow, or says what has to go before it can.
   *
   * @param spareBytes what is left of what it was granted before
   * @param neededBytes what has to be left of it afterwards
   * @param usableBytes what the file system has free, beyond what must stay free
   * @param immovable logs whose files could not be removed
   * @throws QuotaException when there is no room and too little may go
   */
  synchronized Answer ask(
      LogAccount account,
      long spareBytes,
      long neededBytes,
      long usableBytes,
      Set<LogAccount> immovable)
      throws QuotaException {
    measure(usableBytes);
    long missing = neededBytes - spareBytes;
    long room = room(account);
    if (missing > room) {
      Victim victim = choose(account, missing - room, immovable);
      victim.account().pins++;
      return new Answer(0, victim);
    }
    long more = missing == 0 ? 0 : Math.max(missing, Math.min(step(), room));
    update(
        account,
        () -> {
          account.currentBytes += more;
          account.grantedBytes = spareBytes + more;
        });
    return new Answer(spareBytes + more, null);
  }

  /** Takes back what is left of a grant, unless somebody else has opened the file since. */
  void giveBack(LogAccount account, LogGrant holder, long spareBytes) {
    update(
        account,
        () -> {
          if (account.holder == holder) {
            account.currentBytes -= spareBytes;
            account.grantedBytes = 0;
          }
        });
  }

  /** Sets room aside, if there is any. */
  synchronized boolean reserve(LogAccount account, long bytes, long usableBytes) {
    measure(usableBytes);
    if (bytes > room(account)) {
      return false;
    }
    update(account, () -> account.reservedBytes += bytes);
    return true;
  }

  /** What was reserved stands among the rotated files now, or nowhere. */
  void release(LogAccount account, long bytes) {
    update(account, () -> account.reservedBytes -= bytes);
  }

  /** While it is pinned, an account is the only one of its log. */
  void pin(LogAccount account) {
    update(account, () -> account.pins++);
  }

  /** The same, of a log that nobody writes to; false when somebody does, or it is forgotten. */
  synchronized boolean pinDormant(LogAccount account) {
    boolean dormant = !account.isLive() && accounts.get(account.name) == account;
    if (dormant) {
      account.pins++;
    }
    return dormant;
  }

  void unpin(LogAccount account) {
    update(account, () -> account.pins--);
  }

  /** Whether a log holds more than what is its own for certain. */
  synchronized boolean isOverHalfShare(LogAccount account) {
    return account.usedBytes() > shareBytes() / 2;
  }

  synchronized long usedBytes() {
    return usedBytes;
  }

  synchronized DiskUsage usage() {
    Map<String, Long> logs = new HashMap<>();
    accounts.values().stream()
        .filter(LogAccount::isLive)
        .forEach(log -> logs.put(log.name.toString(), log.usedBytes()));
    return new DiskUsage(usedBytes, capacity, policy.perLogBytes(), logs);
  }

  /** Whether a file may still go for the asking log's sake: its own may have become live. */
  synchronized boolean mayGo(LogAccount account, RotatedFile file, LogAccount asker) {
    return new Eviction(asker, Set.of(), Set.of(), shareBytes()).mayGo(account, file);
  }

  /** The oldest rotated file of a log, or else its current one. */
  synchronized Victim oldest(LogAccount account) {
    RotatedFile file = account.oldest();
    return file == null
        ? new Victim(account, null, Turn.CURRENT, account.currentModified)
        : new Victim(account, file, Turn.ROTATED, file.modified());
  }

  synchronized boolean isDormant(LogAccount account) {
    return !account.isLive();
  }

  /** Finds out how much all logs may take. */
  synchronized void measure(long usableBytes) {
    // What is pending is not on the disk yet, but as good as there.
    long onDisk = usedBytes - pendingBytes;
    capacity = Math.max(0, Math.min(policy.totalBytes(), onDisk + usableBytes));
    sizeRotation();
  }

  @GuardedBy("this")
  private void sizeRotation() {
    long most = Math.min(shareBytes(), policy.perLogBytes()) / ROTATION_PART;
    rotationBytes = Math.max(MIN_ROTATION_BYTES, most);
  }

  /** How far the log may grow; below zero when it is too large already. */
  @GuardedBy("this")
  private long room(LogAccount account) {
    return Math.min(policy.perLogBytes() - account.usedBytes(), capacity - usedBytes);
  }

  @GuardedBy("this")
  private long step() {
    return Math.min(MAX_STEP_BYTES, Math.min(shareBytes(), policy.perLogBytes()) / STEP_PART);
  }

  @GuardedBy("this")
  private long shareBytes() {
    return capacity / Math.max(1, live);
  }

  @GuardedBy("this")
  private Victim choose(LogAccount asker, long shortBytes, Set<LogAccount> immovable)
      throws QuotaException {
    boolean own = policy.perLogBytes() - asker.usedBytes() < capacity - usedBytes;
    Collection<LogAccount> among = own ? Set.of(asker) : accounts.values();
    Eviction eviction = new Eviction(asker, among, immovable, shareBytes());
    long removable = eviction.removableBytes();
    String limit = own ? perLog() : common();
    Optional<Victim> victim = removable < shortBytes ? Optional.empty() : eviction.next();
    return victim.orElseThrow(
        () ->
            new QuotaException(
                "%s lacks %s bytes of %s; what may be removed are %s"
                    .formatted(asker.name, shortBytes, limit, removable),
                shortBytes - removable));
  }

  private String perLog() {
    return "the quota of one log, %s bytes".formatted(policy.perLogBytes());
  }

  @GuardedBy("this")
  private String common() {
    return capacity == policy.totalBytes()
        ? "the quota of all logs, %s bytes".formatted(capacity)
        : "the %s bytes that all logs may take while %s%% of the disk stay free"
            .formatted(capacity, policy.keepFreePercent());
  }

  private synchronized void update(LogAccount account, Runnable change) {
    usedBytes -= account.usedBytes();
    pendingBytes -= account.pendingBytes();
    change.run();
    usedBytes += account.usedBytes();
    pendingBytes += account.pendingBytes();
    if (account.isEmpty()) {
      accounts.remove(account.name, account);
    }
  }
}
