package org.vmlog.sink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.FileStat;
import org.vmlog.platform.PrivateFolder;

/**
 * The names of one log: {@code x.log}, its rotated files {@code x.log.1} to {@code x.log.keep} of
 * which some are {@code .gz}, and the unfinished {@code x.log.new} and {@code x.log.gz.new}.
 *
 * <p>The pipe's writer shifts names while a background task compresses and other logs' writers
 * remove files to make room, so a name means a file only while this object's lock is held. The lock
 * is one log's own and covers renames, never a copy. There is one such object for a log as long as
 * anybody works on its files. Thread-safe.
 */
final class RotatedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(RotatedFiles.class);

  private final String current;
  private final int keep;
  private final AtomicBoolean compressionWaits = new AtomicBoolean();

  private final Ledger ledger;

  /** No file has a higher number; a guess until the first look. */
  @GuardedBy("this")
  private int highest;

  @GuardedBy("this")
  private boolean healed;

  /** Whether a shift got no further than the first rename: then .log.1 is still written to. */
  @GuardedBy("this")
  private boolean halfShifted;

  RotatedFiles(LogFileName name, int keep, Ledger ledger) {
    this.current = name.file();
    this.keep = keep;
    this.ledger = ledger;
    this.highest = keep;
  }

  /** Told of every change, with the lock held. */
  interface Ledger {
    /**
     * These are the rotated files now.
     *
     * @param shifted whether the current file is a new, empty one, or gone
     */
    void holds(List<RotatedFile> oldestFirst, boolean shifted);
  }

  /** A rotated file held open: still the same file when its name has changed. */
  record Uncompressed(FileChannel file, Object identity) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** Takes over what was found in the folder. */
  synchronized void found(List<LogFolderScan.Numbered> oldestFirst) {
    if (!oldestFirst.isEmpty()) {
      highest = Math.max(keep, oldestFirst.get(0).number());
      ledger.holds(oldestFirst.stream().map(LogFolderScan.Numbered::file).toList(), false);
    }
  }

  /**
   * Puts right, the first time, what a killed process left: unfinished files, a file both plain and
   * compressed, and files past what is kept. The plain file is the one to trust, since a compressed
   * one is never synced to disk.
   */
  synchronized void heal(PrivateFolder folder) throws IOException {
    if (healed) {
      return; // What is unfinished from now on is a background task's.
    }
    healed = true;
    try {
      tidy(folder);
    } finally {
      tell(folder, false);
    }
  }

  /**
   * Opens the current file, or makes it. With the lock held: who removes the file of a log without
   * a writer must not remove one that is being opened.
   */
  synchronized FileChannel openCurrent(PrivateFolder folder) throws IOException {
    FileChannel opened = folder.openAppend(current);
    if (halfShifted) {
      halfShifted = false;
      tell(folder, false);
    }
    return opened;
  }

  /** Makes the file that the next {@link #shift} puts in the current one's place. */
  FileChannel create(PrivateFolder folder) throws IOException {
    folder.delete(unfinished());
    return folder.createNew(unfinished());
  }

  /**
   * The current file becomes {@code .log.1}, and the one just made the current.
   *
   * @throws IOException when that cannot be done; then the current file is still the current one,
   *     or, if even that could not be had, the next shift goes on where this one stopped
   */
  synchronized void shift(PrivateFolder folder) throws IOException {
    boolean shifted = false;
    try {
      moveUp(folder);
      shifted = true;
    } finally {
      tell(folder, shifted);
    }
  }

  @GuardedBy("this")
  private void moveUp(PrivateFolder folder) throws IOException {
    highest = Math.max(highest, Math.min(highest + 1, keep));
    // It is missing when an administrator moved it, or a shift that failed could not be undone.
    boolean moves = keep > 0 && folder.stat(current) != null;
    if (moves) {
      makeRoom(folder);
      folder.rename(current, plain(1));
    }
    try {
      folder.rename(unfinished(), current);
      halfShifted = false;
    } catch (IOException e) {
      if (moves) {
        undo(folder, e);
      }
      throw e;
    }
  }

  /** Answers true to the first who asks, until {@link #compressionStarts}. */
  boolean claimCompression() {
    return compressionWaits.compareAndSet(false, true);
  }

  /** What is rotated from now on has to be asked for anew. */
  void compressionStarts() {
    compressionWaits.set(false);
  }

  /** Opens the newest file that is to be compressed; {@code .log.1} is left for people to read. */
  synchronized @Nullable Uncompressed nextUncompressed(PrivateFolder folder) throws IOException {
    for (int n = 2; n <= keep; n++) {
      FileStat found = folder.stat(plain(n));
      if (found != null) {
        return new Uncompressed(folder.openRead(plain(n)), found.identity());
      }
    }
    return null;
  }

  /** Where to write a compressed file until it is whole. */
  String unfinishedGzip() {
    return current + ".gz.new";
  }

  /**
   * Puts the compressed file beside the plain one, whatever number that has by now, and removes the
   * plain one. When that was dropped meanwhile, the compressed one is, too.
   */
  synchronized void replace(PrivateFolder folder, Object identity) throws IOException {
    for (int n = 1; n <= keep; n++) {
      FileStat found = folder.stat(plain(n));
      if (found != null && found.identity().equals(identity)) {
        folder.setModified(unfinishedGzip(), found.modified());
        folder.rename(unfinishedGzip(), gzip(n));
        folder.delete(plain(n));
        tell(folder, false);
        return;
      }
    }
    folder.delete(unfinishedGzip());
  }

  /**
   * Removes the oldest file, if it is still the one that was chosen.
   *
   * @param agreed asked last, with the lock held
   * @return false when the file was not there any more or had to stay
   */
  synchronized boolean evict(PrivateFolder folder, RotatedFile chosen, BooleanSupplier agreed)
      throws IOException {
    try {
      List<RotatedFile> there = list(folder);
      return !there.isEmpty()
          && there.get(0).identity().equals(chosen.identity())
          && agreed.getAsBoolean()
          && folder.delete(there.get(0).name());
    } finally {
      tell(folder, false);
    }
  }

  /**
   * Removes the current file of a log that nobody writes to.
   *
   * <p>No writer loses a file that it has opened: a log counts as written to before its file is
   * opened, and it is opened with the lock held. Either the opening comes first, and then the log
   * is not abandoned; or it comes after, and makes a file. Both hold the same lock, since the
   * account that this belongs to is not forgotten while it has a writer or somebody evicts from it.
   *
   * @param abandoned whether nobody writes to it; asked with the lock held
   */
  synchronized boolean evictCurrent(PrivateFolder folder, BooleanSupplier abandoned)
      throws IOException {
    if (!abandoned.getAsBoolean()) {
      return false;
    }
    boolean gone = folder.delete(current);
    tell(folder, true);
    return gone;
  }

  /**
   * Moves files up by one, from the lowest free number down, so that {@code .log.1} is free. A gap
   * that a failed shift left is filled before anything is dropped.
   */
  @GuardedBy("this")
  private void makeRoom(PrivateFolder folder) throws IOException {
    int free = 1;
    while (free < keep && taken(folder, free)) {
      free++;
    }
    if (free == keep) {
      delete(folder, keep);
    }
    for (int n = free - 1; n >= 1; n--) {
      renameIfThere(folder, plain(n), plain(n + 1));
      renameIfThere(folder, gzip(n), gzip(n + 1));
    }
  }

  @GuardedBy("this")
  private void undo(PrivateFolder folder, IOException cause) {
    try {
      folder.rename(plain(1), current);
    } catch (IOException e) {
      halfShifted = true;
      cause.addSuppressed(e);
    }
  }

  /** A change that was made stays made, even when the folder cannot be looked at. */
  @GuardedBy("this")
  private void tell(PrivateFolder folder, boolean shifted) {
    try {
      ledger.holds(list(folder), shifted);
    } catch (IOException e) {
      LOG.warn("cannot tell how large what was rotated of {} is: {}", current, e.getMessage());
    }
  }

  /** The rotated files, the oldest first. */
  @GuardedBy("this")
  private List<RotatedFile> list(PrivateFolder folder) throws IOException {
    List<RotatedFile> there = new ArrayList<>();
    int top = 0;
    for (int n = highest; n > (halfShifted ? 1 : 0); n--) {
      for (String name : List.of(gzip(n), plain(n))) {
        FileStat stat = folder.stat(name);
        if (stat != null) {
          there.add(new RotatedFile(name, stat.identity(), stat.sizeBytes(), stat.modified()));
          top = Math.max(top, n);
        }
      }
    }
    highest = Math.max(top, 1);
    return there;
  }

  @GuardedBy("this")
  private void tidy(PrivateFolder folder) throws IOException {
    folder.delete(unfinished());
    folder.delete(unfinishedGzip());
    for (int n = 1; n <= keep; n++) {
      if (folder.stat(plain(n)) != null) {
        folder.delete(gzip(n));
      }
    }
    for (int n = keep + 1; delete(folder, n); n++) {}
  }

  private boolean taken(PrivateFolder folder, int n) throws IOException {
    return folder.stat(plain(n)) != null || folder.stat(gzip(n)) != null;
  }

  private boolean delete(PrivateFolder folder, int n) throws IOException {
    boolean plain = folder.delete(plain(n));
    boolean gzip = folder.delete(gzip(n));
    return plain || gzip;
  }

  private static void renameIfThere(PrivateFolder folder, String from, String to)
      throws IOException {
    try {
      folder.rename(from, to);
    } catch (NoSuchFileException e) {
      // A file is either plain or compressed.
    }
  }

  private String unfinished() {
    return current + ".new";
  }

  private String plain(int n) {
    return current + "." + n;
  }

  private String gzip(int n) {
    return plain(n) + ".gz";
  }
}
