package org.vmlog.view;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogName;
import org.vmlog.logs.LogText;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.record.LineParser;
import org.vmlog.record.LineView;
import org.vmlog.record.YearRecovery;
import org.vmlog.view.query.LineFilter;

/**
 * The last lines of a log that pass a filter, read from the end: of a long log no more than is
 * needed is looked at. Confined to one thread.
 */
final class LastLines implements Past {
  private static final int BLOCK_BYTES = 64 * 1024;

  private final LogName name;
  private final LineFilter filter;
  private final ZoneId zone;
  private final int count;
  private final Problems problems;
  private final Deque<LogLine> lines = new ArrayDeque<>();

  private @Nullable Rest rest;
  private Optional<LogCursor> position = Optional.empty();

  private LastLines(LogName name, LineFilter filter, ZoneId zone, int count, Problems problems) {
    this.name = name;
    this.filter = filter;
    this.zone = zone;
    this.count = count;
    this.problems = problems;
  }

  /** Reads so many lines of this log, or as many as there are. */
  static LastLines read(
      VmLog log, LogFolder folder, LineFilter filter, ZoneId zone, int count, Problems problems)
      throws IOException {
    LastLines last = new LastLines(log.name(), filter, zone, count, problems);
    LogText current = folder.openCurrent(log); // null if it was rotated away: others are asked
    if (current != null) {
      last.readCurrent(current);
    }
    if (last.lines.size() < count && log.files().size() > (current == null ? 0 : 1)) {
      List<LogText> files = folder.open(log);
      try {
        last.readOlder(files, current);
      } finally {
        LogFolder.closeAll(files);
      }
    }
    return last;
  }

  private void readCurrent(LogText current) throws IOException {
    long whole = readBackward(current);
    rest = new Rest(current, whole);
    if (whole > 0) {
      position = Optional.of(LogCursor.beginOf(current.id()).at(whole));
    }
  }

  private void readOlder(List<LogText> files, @Nullable LogText current) throws IOException {
    List<Long> ids = files.stream().map(LogText::id).toList();
    int older = current == null ? files.size() : Math.max(0, ids.indexOf(current.id()));
    for (int i = older - 1; i >= 0 && lines.size() < count; i--) {
      LogText file = files.get(i);
      if (filter.since().map(time -> HistoryStream.isBefore(file, time)).orElse(false)) {
        return;
      }
      long read = file.listed().compressed() ? readForward(file) : readBackward(file);
      if (position.isEmpty() && read > 0) {
        position = Optional.of(LogCursor.beginOf(file.id()).at(read));
      }
    }
  }

  private long readBackward(LogText file) throws IOException {
    BackwardReader reader = new BackwardReader(file);
    Instant modified = file.listed().modified();
    Instant next = modified;
    while (lines.size() < count && reader.previous()) {
      // Each line's year by itself: going backward, nothing is known of those before it.
      LineParser parser = new LineParser(new YearRecovery(zone, modified, next));
      LineView line = parser.parse(reader.bytes(), reader.start(), reader.end());
      next = Instant.ofEpochSecond(Math.floorDiv(line.micros(), 1_000_000));
      if (filter.test(line)) {
        lines.addFirst(new LogLine(name, line.copy()));
      }
    }
    return reader.wholeBytes();
  }

  /** What is compressed has no end to begin at. */
  private long readForward(LogText file) throws IOException {
    Deque<LogLine> last = new ArrayDeque<>();
    int wanted = count - lines.size();
    LineReader reader = new LineReader(file, 0, BLOCK_BYTES);
    LineParser parser = new LineParser(new YearRecovery(zone, file.listed().modified()));
    while (reader.next()) {
      LineView line = parser.parse(reader.bytes(), reader.start(), reader.end());
      if (filter.test(line)) {
        last.addLast(new LogLine(name, line.copy()));
        if (last.size() > wanted) {
          last.removeFirst();
        }
      }
    }
    HistoryStream.tellDamage(file, problems);
    last.descendingIterator().forEachRemaining(lines::addFirst);
    return reader.offset();
  }

  @Override
  public @Nullable LogLine next() {
    return lines.pollFirst();
  }

  @Override
  public @Nullable Rest rest() {
    return rest;
  }

  @Override
  public Optional<LogCursor> position() {
    return position;
  }

  /** The file that may grow stays open: it is the caller's. */
  @Override
  public void close() {}
}
