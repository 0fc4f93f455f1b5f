package org.vmlog.sink;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.sink.Eviction.Victim;

/**
 * What the logs of one folder take of the disk, and may take.
 *
 * <p>Every log has an account: what stands on the disk, and on top of it what its writer was
 * granted, which counts as used at once. So the sum never passes a quota, and a writer asks only
 * now and then. There are three quotas: of one log, of all logs, and what must stay free of the
 * file system. The last two are one number here, the capacity: the smaller of {@link
 * QuotaPolicy#totalBytes} and of what the logs could take without touching what must stay free.
 *
 * <p>When a grant would pass a quota, rotated files go, as {@link Eviction} says. They are chosen
 * in the {@link QuotaBooks}, under their lock, and removed outside it, on the thread of the writer
 * that asks and under the lock of the one log that they belong to; then all is looked at anew. What
 * is too old goes by {@link LogExpiry}, whether there is room or not. Thread-safe.
 */
public final class DiskQuota {
  private static final Logger LOG = LoggerFactory.getLogger(DiskQuota.class);
  private static final LimitedLog EVICTIONS = LimitedLog.on(LOG);
  private static final LimitedLog EXPIRIES = LimitedLog.on(LOG);
  private static final LimitedLog RETAINED = LimitedLog.on(LOG);
  private static final LimitedLog FAILURES = LimitedLog.on(LOG);

  private final LogDirectory directory;
  private final QuotaPolicy policy;
  private final QuotaBooks books;
  private final Retention retention;
  private final long keepFreeBytes;

  private DiskQuota(LogDirectory directory, QuotaPolicy policy, int keep) throws IOException {
    this.directory = directory;
    this.policy = policy;
    this.retention =
        policy
            .retention()
            .<Retention>map(
                waiting -> new UnshippedFiles(directory, waiting, keep, InstantSource.system()))
            .orElse(Retention.NONE);
    this.books = new QuotaBooks(policy, keep, directory.state(), retention);
    this.keepFreeBytes = directory.diskBytes() / 100 * policy.keepFreePercent();
  }

  /**
   * Takes stock of what is in the folder, and removes what is over a quota.
   *
   * @param keep how many rotated files of one log stay
   */
  public static DiskQuota open(LogDirectory directory, QuotaPolicy policy, int keep)
      throws IOException {
    DiskQuota quota = new DiskQuota(directory, policy, keep);
    quota.takeStock();
    quota.enforce();
    return quota;
  }

  /** What the logs take at this moment. */
  public DiskUsage usage() {
    return books.usage();
  }

  LogDirectory directory() {
    return directory;
  }

  QuotaBooks books() {
    return books;
  }

  /**
   * Lets a log grow.
   *
   * @param spareBytes what is left of what it was granted before
   * @param neededBytes what has to be left of it afterwards
   * @return what is left of it now: at least what was needed
   * @throws QuotaException when there is no room and none can be made
   */
  long grant(LogAccount account, long spareBytes, long neededBytes) throws IOException {
    Set<LogAccount> immovable = new HashSet<>();
    while (true) {
      QuotaBooks.Answer answer =
          books.ask(account, spareBytes, neededBytes, usableBytes(), immovable);
      Victim victim = answer.victim();
      if (victim == null) {
        return answer.spareBytes();
      }
      if (!evict(victim, account)) {
        immovable.add(victim.account());
      }
    }
  }

  /**
   * Sets room aside for a file that is made beside the others; nothing is removed for it.
   *
   * @return false when there is no room
   */
  boolean reserve(LogAccount account, long bytes) throws IOException {
    return books.reserve(account, bytes, usableBytes());
  }

  /**
   * Removes a log's files whose last line is older, the oldest first, if nobody writes to the log.
   * What has to stay stays, and all that is newer.
   *
   * @return how many are gone
   */
  int expire(LogAccount account, Instant before) {
    if (!books.pinDormant(account)) {
      return 0;
    }
    int gone = 0;
    try {
      boolean more = true;
      while (more) {
        Victim oldest = books.oldest(account);
        more =
            oldest.modified().isBefore(before)
                && !retention.keeps(account.name, oldest.toString(), oldest.modified())
                && remove(oldest, () -> books.isDormant(account));
        if (more) {
          gone++;
          EXPIRIES.info("{}: removed {}, last written {}", account.name, oldest, oldest.modified());
          more = oldest.file() != null;
        }
      }
    } catch (IOException e) {
      FAILURES.warn("cannot remove what is too old of {}: {}", account.name, e.toString());
    } finally {
      books.unpin(account);
    }
    return gone;
  }

  private void takeStock() throws IOException {
    for (var found : LogFolderScan.scan(directory.path()).entrySet()) {
      LogFolderScan.Found log = found.getValue();
      LogAccount account = books.found(found.getKey(), log.currentBytes(), log.currentModified());
      account.files.found(log.rotated());
      if (log.isUnfinished()) {
        heal(account);
      }
      books.unpin(account);
    }
  }

  private void heal(LogAccount account) {
    try (PrivateFolder folder = directory.folder(account.name)) {
      account.files.heal(folder);
    } catch (IOException e) {
      LOG.warn("cannot tidy what was rotated of {}: {}", account.name, e.getMessage());
    }
  }

  private void enforce() throws IOException {
    // Even without a log there is a capacity to begin with.
    books.measure(usableBytes());
    for (LogAccount account : books.all()) {
      try {
        grant(account, 0, 0);
      } catch (QuotaException e) {
        LOG.warn("over a quota from the start: {}", e.getMessage());
        return;
      }
    }
  }

  /** What is free of the file system, beyond what must stay free; may be below zero. */
  private long usableBytes() throws IOException {
    return policy.keepFreePercent() == 0
        ? policy.totalBytes()
        : directory.usableBytes() - keepFreeBytes;
  }

  /** Answers false when the victim cannot be moved, or has to stay. */
  private boolean evict(Victim victim, LogAccount asker) {
    LogAccount account = victim.account();
    RotatedFile file = victim.file();
    if (retention.keeps(account.name, victim.toString(), victim.modified())) {
      RETAINED.warn("{}: {} stays until it is shipped", account.name, victim);
      books.unpin(account);
      return false;
    }
    try {
      boolean gone =
          remove(
              victim,
              () -> file == null ? books.isDormant(account) : books.mayGo(account, file, asker));
      if (gone) {
        EVICTIONS.info("{}: removed {} to make room for {}", account.name, victim, asker.name);
      }
      return true;
    } catch (IOException e) {
      FAILURES.warn("cannot remove what was rotated of {}: {}", account.name, e.toString());
      return false;
    } finally {
      books.unpin(account);
    }
  }

  /** Answers false when the victim was not there any more, or not agreed on. */
  private boolean remove(Victim victim, BooleanSupplier agreed) throws IOException {
    LogAccount account = victim.account();
    RotatedFile file = victim.file();
    try (PrivateFolder folder = directory.folder(account.name)) {
      return file == null
          ? account.files.evictCurrent(folder, agreed)
          : account.files.evict(folder, file, agreed);
    }
  }
}
