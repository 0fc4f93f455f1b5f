package org.vmlog.sink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.ListedFile;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogCursors;
import org.vmlog.logs.LogFileName;
import org.vmlog.logs.LogListing;
import org.vmlog.platform.LimitedLog;

/**
 * Keeps what a shipper has not had acknowledged yet, by the cursors that it has synced: a loss of
 * power must not have it look for what was removed. That ends a while after a file's last line,
 * whatever the shipper does: neither a dead one nor an engine that is away for days has guests wait
 * for ever.
 *
 * <p>The cursors are read again after a second, and what was found out by them is good for as long:
 * a full disk is asked about by every write. The shipper is another user, so no more than {@value
 * #MAX_BYTES} bytes of a regular file are read. Thread-safe; no lock is held.
 */
final class UnshippedFiles implements Retention {
  static final int MAX_BYTES = 4 << 20;

  private static final LimitedLog FAILED =
      LimitedLog.on(LoggerFactory.getLogger(UnshippedFiles.class));
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final LogDirectory directory;
  private final RetentionPolicy policy;
  private final int keep;
  private final InstantSource clock;
  private volatile Reading last = new Reading(System.nanoTime() - FRESH_NANOS, Map.of());

  /** What the shipper had said at a moment, and what follows for files. */
  private record Reading(
      long nanos, Map<String, LogCursor> cursors, Map<String, Boolean> verdicts) {
    Reading(long nanos, Map<String, LogCursor> cursors) {
      this(nanos, cursors, new ConcurrentHashMap<>());
    }
  }

  /**
   * @param keep how many rotated files of one log stay
   */
  UnshippedFiles(LogDirectory directory, RetentionPolicy policy, int keep, InstantSource clock) {
    this.directory = directory;
    this.policy = policy;
    this.keep = keep;
    this.clock = clock;
  }

  @Override
  public boolean keeps(LogFileName log, String file, Instant modified) {
    if (Duration.between(modified, clock.instant()).compareTo(policy.limit()) >= 0) {
      return false;
    }
    Reading reading = reading();
    String key = log + "\n" + file + "\n" + modified;
    Boolean known = reading.verdicts().get(key);
    boolean keeps = known == null ? isUnshipped(log, file, reading.cursors()) : known;
    if (keeps) {
      reading.verdicts().put(key, true); // One that goes is not asked about again.
    }
    return keeps;
  }

  private boolean isUnshipped(LogFileName log, String file, Map<String, LogCursor> cursors) {
    LogCursor cursor = cursors.get(log.source(directory.layout()));
    Set<Path> unreadable = new HashSet<>();
    LogListing listing =
        new LogListing(
            directory.path(),
            directory.state().directory(),
            (path, cause) -> {
              unreadable.add(path);
              FAILED.warn("{} does not wait to be shipped: {}", path, cause.toString());
            });
    boolean before = false; // whether it is older than where the cursor is
    for (ListedFile one : listing.files(log, keep).orElse(List.of())) {
      before |= one.path().endsWith(file);
      if (cursor != null && one.id() == cursor.file()) {
        boolean isCursors = one.path().endsWith(file) && cursor.offset() < one.bytes();
        return isCursors || (!before && !isIn(unreadable, file));
      }
    }
    return !isIn(unreadable, file);
  }

  /** What cannot be read will never be shipped, and guests are not held back by it. */
  private static boolean isIn(Set<Path> unreadable, String file) {
    return unreadable.stream().anyMatch(path -> path.endsWith(file));
  }

  private Reading reading() {
    Reading found = last;
    long now = System.nanoTime();
    if (now - found.nanos() >= FRESH_NANOS) {
      found = new Reading(now, read());
      last = found;
    }
    return found;
  }

  /** None at all if they cannot be read: then all waits, for as long as it may. */
  private Map<String, LogCursor> read() {
    Path file = policy.shipperState().resolve(LogCursors.SYNCED);
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new NoSuchFileException(file.toString(), null, "is no regular file");
      }
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        byte[] text = in.readNBytes(MAX_BYTES + 1);
        if (text.length > MAX_BYTES) {
          throw new IOException(file + " has more than " + MAX_BYTES + " bytes");
        }
        return LogCursors.parse(text)
            .orElseThrow(() -> new IOException(file + " is not what a vmlog-ship saves"));
      }
    } catch (IOException e) {
      FAILED.warn("nothing counts as shipped: {}", e.toString());
      return Map.of();
    }
  }
}
