package org.vmlog.sink;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which file goes when the disk is full. The oldest rotated file does, but first among the logs
 * that hold more than their share, which is the capacity by the number of live logs. The current
 * file of a dormant log goes when nothing else is left.
 *
 * <p>Half a share is each live log's own: no other log's growth takes that. A log may always lose
 * its own rotated files to itself; a dormant one has no guarantee. Guarded by the {@link
 * QuotaBooks}' lock.
 *
 * @param asker the log that needs room
 * @param accounts among which to choose: all, or the asker's when only its own files help
 * @param immovable those whose files could not be removed
 */
record Eviction(
    LogAccount asker,
    Collection<LogAccount> accounts,
    Collection<LogAccount> immovable,
    long shareBytes) {

  /** In the order in which they go. */
  enum Turn {
    OVER_SHARE,
    ROTATED,
    CURRENT
  }

  private static final Comparator<Victim> IN_TURN =
      Comparator.comparing(Victim::turn).thenComparing(Victim::modified);

  /**
   * What goes.
   *
   * @param file null for the current one
   */
  record Victim(LogAccount account, @Nullable RotatedFile file, Turn turn, Instant modified) {
    /** Its name, for a message. */
    @Override
    public String toString() {
      return file == null ? account.name.file() : file.name();
    }
  }

  /** How much could go in all. */
  long removableBytes() {
    return candidates().mapToLong(this::removableBytes).sum();
  }

  /** What goes next. */
  Optional<Victim> next() {
    return candidates().flatMap(account -> candidate(account).stream()).min(IN_TURN);
  }

  /** Whether this may go for the asking log's sake. */
  boolean mayGo(LogAccount account, RotatedFile file) {
    return account == asker
        || !account.isLive()
        || onDisk(account) - file.bytes() >= shareBytes / 2;
  }

  private Optional<Victim> candidate(LogAccount account) {
    RotatedFile oldest = account.oldest();
    if (oldest == null) {
      return account.isLive() || account.currentBytes == 0
          ? Optional.empty()
          : Optional.of(new Victim(account, null, Turn.CURRENT, account.currentModified));
    }
    if (!mayGo(account, oldest)) {
      return Optional.empty();
    }
    Turn turn = account.usedBytes() > shareBytes ? Turn.OVER_SHARE : Turn.ROTATED;
    return Optional.of(new Victim(account, oldest, turn, oldest.modified()));
  }

  private long removableBytes(LogAccount account) {
    if (!account.isLive()) {
      return onDisk(account);
    }
    long rotated = account.rotatedBytes();
    long beyondOwn = Math.max(0, onDisk(account) - shareBytes / 2);
    return account == asker ? rotated : Math.min(rotated, beyondOwn);
  }

  private Stream<LogAccount> candidates() {
    return accounts.stream().filter(account -> !immovable.contains(account));
  }

  private static long onDisk(LogAccount account) {
    return account.usedBytes() - account.pendingBytes();
  }
}
