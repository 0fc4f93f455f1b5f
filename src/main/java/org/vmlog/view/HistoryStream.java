package org.vmlog.view;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
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
import org.vmlog.view.query.Needle;

/**
 * One log from its oldest line to its newest, across its files, without what a filter leaves out.
 * Confined to one thread.
 */
final class HistoryStream implements Past {
  /** A guest's clock may be ahead of the host's, by which a file has its time. */
  private static final Duration SLACK = Duration.ofDays(1);

  private final LogName name;
  private final List<LogText> files;
  private final LineFilter filter;
  private final ZoneId zone;
  private final int blockBytes;
  private final Problems problems;
  private final @Nullable Needle needle;

  private int file;
  private Optional<Starts.Place> end = Optional.empty();
  private long skipped;
  private long read;
  private @Nullable LogText readFile;
  private @Nullable LineReader reader;
  private LineParser parser;
  private Optional<LogCursor> position = Optional.empty();

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
    List<LogText> files = folder.open(log);
    HistoryStream stream = new HistoryStream(log.name(), files, filter, zone, blockBytes, problems);
    try {
      if (from instanceof From.After cursor) {
        Optional<LogCursor> after = cursor.cursor().of(log.name());
        if (after.isPresent()) {
          stream.begin(after.get());
        }
      } else if (from instanceof From.Start start) {
        stream.begin(Starts.find(files, start.which(), problems));
      }
      return stream;
    } catch (IOException e) {
      stream.closeAll();
      throw e;
    }
  }

  /** Takes the files over, the oldest first, and closes them. */
  private HistoryStream(
      LogName name,
      List<LogText> files,
      LineFilter filter,
      ZoneId zone,
      int blockBytes,
      Problems problems) {
    this.name = name;
    this.files = files;
    this.filter = filter;
    this.zone = zone;
    this.blockBytes = blockBytes;
    this.problems = problems;
    this.needle = filter.needle().orElse(null);
    this.parser = new LineParser(new YearRecovery(zone, Instant.EPOCH));
  }

  private void begin(Optional<Starts.Stretch> start) {
    file = start.map(stretch -> stretch.begin().file()).orElse(files.size());
    skipped = start.map(stretch -> stretch.begin().offset()).orElse(0L);
    end = start.flatMap(Starts.Stretch::end);
  }

  private void begin(LogCursor after) throws IOException {
    for (int i = files.size() - 1; i >= 0; i--) {
      LogText text = files.get(i);
      if (text.id() == after.file()) {
        file = i;
        // A host that lost its power may have less than was read.
        boolean isShorter = !text.listed().compressed() && text.bytes() < after.offset();
        skipped = isShorter ? 0 : after.offset();
        position = Optional.of(after);
        return;
      }
    }
  }

  @Override
  public @Nullable LogLine next() throws IOException {
    while (reader != null || open()) {
      LineReader lines = Objects.requireNonNull(reader);
      while ((needle == null ? lines.next() : lines.next(needle)) && !isAfterEnd(lines)) {
        LineView line = parser.parse(lines.bytes(), lines.start(), lines.end());
        if (filter.test(line)) {
          return new LogLine(name, line.copy());
        }
      }
      LogText text = files.get(file);
      tellDamage(text, problems);
      read = lines.offset();
      readFile = text;
      if (read > 0) {
        position = Optional.of(LogCursor.beginOf(text.id()).at(read));
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
    while (file < files.size() && file <= last) {
      LogText next = files.get(file);
      if (!filter.since().map(time -> isBefore(next, time)).orElse(false)) {
        reader = new LineReader(next, skipped, blockBytes);
        parser = new LineParser(new YearRecovery(zone, next.listed().modified()));
        skipped = 0;
        return true;
      }
      skipped = 0;
      file++;
    }
    return false;
  }

  /** Whether it was written to last so long before that it holds nothing of then. */
  static boolean isBefore(LogText file, Instant time) {
    return file.listed().modified().plus(SLACK).isBefore(time);
  }

  /** Says so if the rest of a file could not be read. */
  static void tellDamage(LogText file, Problems problems) {
    IOException damage = file.damage();
    if (damage != null) {
      problems.leftOut(file.listed().path(), damage);
    }
  }

  @Override
  public @Nullable Rest rest() throws IOException {
    LogText newest = files.isEmpty() ? null : files.get(files.size() - 1);
    if (newest == null || newest.listed().number() > 0) {
      return null;
    }
    return newest.equals(readFile)
        ? new Rest(newest, read)
        : new Rest(newest, new BackwardReader(newest).wholeBytes());
  }

  @Override
  public Optional<LogCursor> position() {
    return position;
  }

  /** Closes all but the file that may grow: that is the caller's, if there is one. */
  @Override
  public void close() throws IOException {
    for (LogText one : files) {
      if (one.listed().number() > 0) {
        one.close();
      }
    }
  }

  /** Closes all files. */
  void closeAll() throws IOException {
    LogFolder.closeAll(files);
  }
}
