package org.vmlog.sink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.FileStat;
import org.vmlog.platform.PrivateFolder;

/**
 * The files of one log, and which of its {@link RotatedNames} each has.
 *
 * <p>The pipe's writer shifts names while a background task compresses and other logs' writers
 * remove files to make room, so a name means a file only while this object's lock is held. The lock
 * is one log's own and covers renames, never a copy. There is one such object for a log as long as
 * anybody works on its files. Thread-safe.
 */
final class RotatedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(RotatedFiles.class);

  private final LogFileName name;
  private final RotatedNames names;
  private final Retention retention;
  private final AtomicBoolean compressionWaits = new AtomicBoolean();

  private final FileIds ids;
  private final Ledger ledger;

  /** No file has a higher number; a guess until the first look. */
  @GuardedBy("this")
  private int highest;

  @GuardedBy("this")
  private boolean healed;

  /** Whether a shift got no further than the first rename: then .log.1 is still written to. */
  @GuardedBy("this")
  private boolean halfShifted;

  /** Without any file that has to stay. */
  RotatedFiles(LogFileName name, int keep, LogState state, Ledger ledger) {
    this(name, keep, state, Retention.NONE, ledger);
  }

  RotatedFiles(LogFileName name, int keep, LogState state, Retention retention, Ledger ledger) {
    this.name = name;
    this.retention = retention;
    this.names = new RotatedNames(name.file(), keep);
    this.ids = new FileIds(state, name, names);
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

  /** A file to append to, and its id. */
  record Identified(FileChannel file, long id) {}

  /** A rotated file held open: still the same file when its name has changed. */
  record Uncompressed(FileChannel file, Object identity, Instant modified, long id)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** Takes over what was found in the folder. */
  synchronized void found(List<LogFolderScan.Numbered> oldestFirst) {
    if (!oldestFirst.isEmpty()) {
      highest = Math.max(names.keep(), oldestFirst.get(0).number());
      ledger.holds(oldestFirst.stream().map(LogFolderScan.Numbered::file).toList(), false);
    }
  }

  /**
   * Puts right, the first time, what a killed process left: unfinished files, a file both plain and
   * compressed, and files past what is kept. The plain file is the one to trust: the compressed one
   * may not have reached the disk.
   */
  synchronized void heal(PrivateFolder folder) throws IOException {
    if (healed) {
      return; // What is unfinished from now on is a background task's.
    }
    healed = true;
    try {
      names.tidy(folder);
      for (int n = 1; n <= names.keep() && folder.stat(names.plain(n)) != null; n++) {
        long unused = ids.of(folder, names.plain(n), highest);
      }
    } finally {
      tell(folder, false);
    }
  }

  /** Whether there is any rotated file. */
  synchronized boolean areThere(PrivateFolder folder) throws IOException {
    return names.isTaken(folder, 1);
  }

  /**
   * Opens the current file, or makes it. With the lock held: who removes the file of a log without
   * a writer must not remove one that is being opened.
   */
  synchronized Identified openCurrent(PrivateFolder folder) throws IOException {
    return openCurrent(folder, false);
  }

  /**
   * The same, with another id if somebody has emptied it: what stands at its offsets now is nothing
   * of what a reader knows.
   */
  synchronized Identified openCurrent(PrivateFolder folder, boolean truncated) throws IOException {
    FileChannel opened = folder.openAppend(names.current());
    try {
      if (halfShifted) {
        halfShifted = false;
        tell(folder, false);
      }
      // An empty one was just made, and maybe with the inode of one that was removed.
      String name = names.current();
      boolean made = truncated || opened.size() == 0;
      long id = made ? ids.renew(folder, name, highest) : ids.of(folder, name, highest);
      return new Identified(opened, id);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  /** Makes the file that the next {@link #shift} puts in the current one's place. */
  synchronized Identified create(PrivateFolder folder) throws IOException {
    folder.delete(names.unfinished());
    FileChannel made = folder.createNew(names.unfinished());
    try {
      return new Identified(made, ids.renew(folder, names.unfinished(), highest));
    } catch (IOException e) {
      made.close();
      throw e;
    }
  }

  /** Opens the file with this id to read it; null when there is none, or it is compressed. */
  synchronized @Nullable FileChannel openById(PrivateFolder folder, long id) throws IOException {
    String name = ids.nameOf(folder, id, highest);
    return name == null ? null : folder.openRead(name);
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
    highest = Math.max(highest, Math.min(highest + 1, names.keep()));
    // It is missing when an administrator moved it, or a shift that failed could not be undone.
    boolean moves = names.keep() > 0 && folder.stat(names.current()) != null;
    if (moves) {
      keepOldest(folder);
      names.makeRoom(folder);
      folder.rename(names.current(), names.plain(1));
    }
    try {
      folder.rename(names.unfinished(), names.current());
      halfShifted = false;
    } catch (IOException e) {
      if (moves) {
        undo(folder, e);
      }
      throw e;
    }
  }

  /** A file that has to stay is not pushed out; the current one grows meanwhile. */
  @GuardedBy("this")
  private void keepOldest(PrivateFolder folder) throws IOException {
    for (String last : names.pushedOut(folder)) {
      FileStat found = folder.stat(last);
      if (found != null && retention.keeps(name, last, found.modified())) {
        throw new IOException(last + " is to be shipped first");
      }
    }
  }

  RotatedNames names() {
    return names;
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
    for (int n = 2; n <= names.keep(); n++) {
      FileStat found = folder.stat(names.plain(n));
      if (found != null) {
        long id = ids.of(folder, names.plain(n), highest);
        return new Uncompressed(
            folder.openRead(names.plain(n)), found.identity(), found.modified(), id);
      }
    }
    return null;
  }

  /**
   * Puts the compressed file beside the plain one, whatever number that has by now. When that was
   * dropped meanwhile, the compressed one is, too, and the answer is false.
   */
  synchronized boolean putBeside(PrivateFolder folder, Object identity) throws IOException {
    int n = numberOf(folder, identity);
    if (n == 0) {
      folder.delete(names.unfinishedGzip());
      return false;
    }
    folder.rename(names.unfinishedGzip(), names.gzip(n));
    return true;
  }

  /** Removes a plain file whose compressed one is beside it, and on the disk with its name. */
  synchronized void removePlain(PrivateFolder folder, Object identity) throws IOException {
    int n = numberOf(folder, identity);
    if (n > 0 && folder.stat(names.gzip(n)) != null) {
      folder.delete(names.plain(n));
    }
    tell(folder, false);
  }

  /** Of a plain rotated file; 0 when there is none any more. */
  @GuardedBy("this")
  private int numberOf(PrivateFolder folder, Object identity) throws IOException {
    for (int n = 1; n <= names.keep(); n++) {
      FileStat found = folder.stat(names.plain(n));
      if (found != null && found.identity().equals(identity)) {
        return n;
      }
    }
    return 0;
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
    boolean gone = folder.delete(names.current());
    tell(folder, true);
    if (list(folder).isEmpty()) {
      ids.forget();
    }
    return gone;
  }

  @GuardedBy("this")
  private void undo(PrivateFolder folder, IOException cause) {
    try {
      folder.rename(names.plain(1), names.current());
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
      LOG.warn(
          "cannot tell how large what was rotated of {} is: {}", names.current(), e.getMessage());
    }
  }

  /** The rotated files, the oldest first. */
  @GuardedBy("this")
  private List<RotatedFile> list(PrivateFolder folder) throws IOException {
    List<RotatedFile> there = new ArrayList<>();
    int top = 0;
    for (int n = highest; n > (halfShifted ? 1 : 0); n--) {
      for (String name : List.of(names.gzip(n), names.plain(n))) {
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
}
