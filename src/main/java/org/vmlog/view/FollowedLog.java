package org.vmlog.view;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogText;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.record.LineParser;
import org.vmlog.record.LineView;
import org.vmlog.record.YearRecovery;
import org.vmlog.view.query.LineFilter;

/**
 * A log as it grows: each line once, also when its file is rotated, several times between two
 * looks, compressed, or removed. The file stays open until it has been read to its end. Confined to
 * one thread.
 */
final class FollowedLog implements AutoCloseable {
  private static final int BLOCK_BYTES = 8 * 1024;
  private static final int HISTORY_BLOCK_BYTES = 64 * 1024;

  private final LogFolder folder;
  private final LineFilter filter;
  private final Problems problems;
  private final InstantSource clock;
  private final YearRecovery years;
  private final LineParser parser;

  private VmLog log;
  private @Nullable LogText file;
  private @Nullable LineReader reader;
  private Instant lastModified = Instant.MIN;
  private Optional<LogCursor> before = Optional.empty();

  /** Follows a log from its first line. */
  FollowedLog(
      VmLog log,
      LogFolder folder,
      LineFilter filter,
      ZoneId zone,
      InstantSource clock,
      Problems problems) {
    this.log = log;
    this.folder = folder;
    this.filter = filter;
    this.problems = problems;
    this.clock = clock;
    this.years = new YearRecovery(zone, clock.instant());
    this.parser = new LineParser(years);
  }

  /** Follows it from where its past ends. */
  void goOn(Past past) throws IOException {
    before = past.position();
    Past.Rest rest = past.rest();
    if (rest == null) {
      lastModified = clock.instant(); // what was rotated before now has been seen
    } else {
      follow(rest.file(), rest.offset());
    }
  }

  VmLog log() {
    return log;
  }

  /**
   * Hands on what has come.
   *
   * @return false if the log is gone: all that it held has been handed on, and it may come back
   */
  boolean look(Consumer<LogLine> to) throws IOException {
    years.modified(clock.instant());
    if (file != null && reader != null && file.isTruncated(reader.offset())) {
      LogCursor begin = LogCursor.beginOf(file.id());
      letGo();
      before = Optional.of(begin);
    }
    drain(to);
    try {
      Instant modified = file == null ? null : file.modifiedAs(log.current());
      if (modified != null) {
        lastModified = modified;
        return true;
      }
    } catch (NoSuchFileException e) {
      log = folder.again(log);
      if (log.files().isEmpty()) {
        drain(to);
        letGo();
        before = Optional.empty(); // an inode may be another file's by now
        return false;
      }
    }
    drain(to); // The forwarder lets go of a file before it takes the next.
    takeNext(to);
    return !log.files().isEmpty();
  }

  private void drain(Consumer<LogLine> to) throws IOException {
    if (file == null || reader == null) {
      return;
    }
    LineReader lines = reader;
    while (lines.next()) {
      hand(lines, to);
    }
    if (lines.pending() > 0) {
      // A line's beginning may be cut off again, after a crash.
      reader = new LineReader(file, lines.offset(), BLOCK_BYTES);
    }
  }

  /** Hands on all that is newer than the file that was followed, and follows the newest. */
  private void takeNext(Consumer<LogLine> to) throws IOException {
    log = folder.again(log);
    List<LogText> files = folder.open(log);
    int known = known(files);
    for (int i = 0; i < files.size(); i++) {
      LogText next = files.get(i);
      boolean isNewer = known >= 0 ? i > known : next.listed().modified().isAfter(lastModified);
      if (next.listed().number() == 0 && (i != known || file == null)) {
        letGo();
        follow(next, 0);
        drain(to);
      } else if (isNewer) {
        letGo();
        file = next; // what comes after it is newer, also if there is no current file just now
        lastModified = next.listed().modified();
        readWhole(next, to);
      } else {
        next.close();
      }
    }
  }

  /** Which of these is what was read last; -1 if none: then it is older than all. */
  private int known(List<LogText> files) {
    LogText last = file;
    for (int i = files.size() - 1; i >= 0; i--) {
      LogText one = files.get(i);
      boolean isLast =
          last == null
              ? before.filter(read -> read.file() == one.id()).isPresent()
              : one.id() == last.id() || one.listed().identity().equals(last.listed().identity());
      if (isLast) {
        return i;
      }
    }
    return -1;
  }

  private void readWhole(LogText next, Consumer<LogLine> to) throws IOException {
    LineReader lines = new LineReader(next, 0, HISTORY_BLOCK_BYTES);
    while (lines.next()) {
      hand(lines, to);
    }
    HistoryStream.tellDamage(next, problems);
    before = Optional.of(LogCursor.beginOf(next.id()).at(lines.offset()));
  }

  private void hand(LineReader lines, Consumer<LogLine> to) {
    LineView line = parser.parse(lines.bytes(), lines.start(), lines.end());
    if (filter.test(line)) {
      to.accept(new LogLine(log.name(), line.copy()));
    }
  }

  private void follow(LogText next, long offset) {
    file = next;
    lastModified = next.listed().modified();
    reader = new LineReader(next, offset, BLOCK_BYTES);
  }

  private void letGo() throws IOException {
    before = position();
    if (file != null) {
      file.close();
    }
    file = null;
    reader = null;
  }

  /** Where reading got to; empty if there was nothing yet. */
  Optional<LogCursor> position() {
    return file != null && reader != null && reader.offset() > 0
        ? Optional.of(LogCursor.beginOf(file.id()).at(reader.offset()))
        : before;
  }

  @Override
  public void close() throws IOException {
    letGo();
  }
}
