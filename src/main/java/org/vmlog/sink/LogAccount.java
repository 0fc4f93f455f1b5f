package org.vmlog.sink;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFileName;

/**
 * What one log takes of the disk, whether something writes to it (a live log) or not (a dormant
 * one). The names are for any thread; everything else is guarded by the {@link QuotaBooks}' lock.
 */
final class LogAccount {
  final LogFileName name;
  final RotatedFiles files;

  /** More than one only while a closed pipe's file is let go of and the next is there already. */
  int writers;

  /** Background tasks and evictions that work on the files. */
  int pins;

  /** Who opened the current file last: what others were granted for it is void. */
  @Nullable LogGrant holder;

  /** The current file's bytes, and those that its writer was granted on top. */
  long currentBytes;

  /** As many of these are not written yet, or fewer: a writer does not tell of each write. */
  long grantedBytes;

  /** When nobody writes: since when. {@link Instant#MIN} while there is no current file. */
  Instant currentModified = Instant.MIN;

  private List<RotatedFile> rotated = List.of();
  private long rotatedBytes;

  /** For a compressed copy that is being made. */
  long reservedBytes;

  LogAccount(LogFileName name, int keep, LogState state, Retention retention, QuotaBooks books) {
    this.name = name;
    this.files =
        new RotatedFiles(
            name, keep, state, retention, (now, shifted) -> books.holds(this, now, shifted));
  }

  boolean isLive() {
    return writers > 0;
  }

  /** Whether nothing would be forgotten with this account. */
  boolean isEmpty() {
    return writers == 0 && pins == 0 && usedBytes() == 0 && currentModified.equals(Instant.MIN);
  }

  long usedBytes() {
    return currentBytes + rotatedBytes + reservedBytes;
  }

  /** What is used, but does not stand on the disk yet; or less. */
  long pendingBytes() {
    return grantedBytes + reservedBytes;
  }

  void rotated(List<RotatedFile> oldestFirst) {
    rotated = List.copyOf(oldestFirst);
    rotatedBytes = rotated.stream().mapToLong(RotatedFile::bytes).sum();
  }

  long rotatedBytes() {
    return rotatedBytes;
  }

  @Nullable RotatedFile oldest() {
    return rotated.isEmpty() ? null : rotated.get(0);
  }
}
