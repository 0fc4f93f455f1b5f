package org.vmlog.view;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogName;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.record.LineParser;
import org.vmlog.record.LineView;
import org.vmlog.record.YearRecovery;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.Needle;

/**
 * One log from its oldest line to its newest, across its files, without what a filter leaves out.
 * Confined to one thread.
 */
final class HistoryStream implements Past {
  /** A guest's clock may be ahead of the host's, by which a file has its time. */
  private static final Duration SLACK = Duration.ofDays(1);

  private final LogName name;
  private final OpenLog log;
  private final LineFilter filter;
  private final ZoneId zone;
  private final int blockBytes;
  private final Problems problems;
  private final @Nullable Needle needle;

  private int file;
  private Optional<Starts.Place> end = Optional.empty();
  private long skipped;
  private long read;
  private @Nullable OpenFile readFile;
  private @Nullable LineReader reader;
  private LineParser parser;
  private Optional<Position> position = Optional.empty();

  /**
   * Opens a log.
   *
   * @param from where to begin; at the oldest line if that was removed
   * @param blockBytes what is read at once
   */
  static HistoryStream open(
      VmLog log,
      LogFolder folder,
      LineFilter filter,
      From from,
      ZoneId zone,
      int blockBytes,
      Problems problems)
      throws IOException {
    OpenLog open = OpenLog.open(log, folder, problems);
    HistoryStream stream = new HistoryStream(log.name(), open, filter, zone, blockBytes, problems);
    if (from instanceof From.After cursor) {
      Optional<Position> after = cursor.cursor().of(log.name());
      if (after.isPresent()) {
        stream.begin(after.get());
      }
    } else if (from instanceof From.Start start) {
      stream.begin(Starts.find(open, start.which(), problems));
    }
    return stream;
  }

  /** Takes the log over, and closes it. */
  private HistoryStream(
      LogName name,
      OpenLog log,
      LineFilter filter,
      ZoneId zone,
      int blockBytes,
      Problems problems) {
    this.name = name;
    this.log = log;
    this.filter = filter;
    this.zone = zone;
    this.blockBytes = blockBytes;
    this.problems = problems;
    this.needle = filter.needle().orElse(null);
    this.parser = new LineParser(new YearRecovery(zone, Instant.EPOCH));
  }

  private void begin(Optional<Starts.Stretch> start) {
    file = start.map(stretch -> stretch.begin().file()).orElse(log.files().size());
    skipped = start.map(stretch -> stretch.begin().offset()).orElse(0L);
    end = start.flatMap(Starts.Stretch::end);
  }

  private void begin(Position after) throws IOException {
    for (int i = log.files().size() - 1; i >= 0; i--) {
      if (after.isIn(log.files().get(i))) {
        file = i;
        skipped = after.offset();
        position = Optional.of(after);
        return;
      }
    }
  }

  @Override
  public @Nullable LogLine next() throws IOException {
    while (reader != null || open()) {
      LineReader lines = Objects.requireNonNull(reader);
      try {
        while ((needle == null ? lines.next() : lines.next(needle)) && !isAfterEnd(lines)) {
          LineView line = parser.parse(lines.bytes(), lines.start(), lines.end());
          if (filter.test(line)) {
            return new LogLine(name, line.copy());
          }
        }
      } catch (EOFException | ZipException e) {
        problems.leftOut(log.files().get(file).path(), e);
      }
      read = lines.offset();
      readFile = log.files().get(file);
      if (read > 0) {
        position = Optional.of(Position.in(log.files().get(file), lines.offset()));
      }
      reader = null;
      file++;
    }
    return null;
  }

  private boolean isAfterEnd(LineReader line) {
    return end.isPresent() && file == end.get().file() && line.offset() > end.get().offset();
  }

  /** Goes to the next file that may have something; false if there is none. */
  private boolean open() throws IOException {
    int last = end.map(Starts.Place::file).orElse(Integer.MAX_VALUE);
    while (file < log.files().size() && file <= last) {
      OpenFile next = log.files().get(file);
      if (!filter.since().map(time -> isBefore(next, time)).orElse(false)) {
        try {
          reader = new LineReader(next.stream(skipped), skipped, blockBytes);
          parser = new LineParser(new YearRecovery(zone, next.modified()));
          skipped = 0;
          return true;
        } catch (EOFException | ZipException e) {
          problems.leftOut(next.path(), e);
        }
      }
      skipped = 0;
      file++;
    }
    return false;
  }

  /** Whether it was written to last so long before that it holds nothing of then. */
  static boolean isBefore(OpenFile file, Instant time) {
    return file.modified().plus(SLACK).isBefore(time);
  }

  @Override
  public @Nullable Rest rest() throws IOException {
    List<OpenFile> files = log.files();
    OpenFile newest = files.isEmpty() ? null : files.get(files.size() - 1);
    if (newest == null || !newest.isCurrent()) {
      return null;
    }
    return newest.equals(readFile)
        ? new Rest(newest, read)
        : new Rest(newest, new BackwardReader(newest.channel()).wholeBytes());
  }

  @Override
  public Optional<Position> position() {
    return position;
  }

  /** Closes all but the file that may grow: that is the caller's, if there is one. */
  @Override
  public void close() throws IOException {
    for (OpenFile one : log.files()) {
      if (!one.isCurrent()) {
        one.close();
      }
    }
  }

  /** Closes all files. */
  void closeAll() throws IOException {
    log.close();
  }
}
