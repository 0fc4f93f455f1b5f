package org.vmlog.view;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vmlog.logs.LogText;
import org.vmlog.logs.Problems;
import org.vmlog.record.LineParser;
import org.vmlog.record.StartMark;
import org.vmlog.record.YearRecovery;
import org.vmlog.view.query.Needle;

/**
 * Where each start of a VM lies in its log, by the {@link StartMark}s. What stands before the first
 * of them is a start as well, or the rest of one.
 */
final class Starts {
  private static final int BLOCK_BYTES = 64 * 1024;
  private static final Needle MARK = new Needle(StartMark.TEXT.getBytes(US_ASCII));

  /** A place between two lines: in which file, the oldest is 0, and so many bytes into it. */
  record Place(int file, long offset) {}

  /** What one start has logged; the latest has no end. */
  record Stretch(Place begin, Optional<Place> end) {}

  private Starts() {}

  /**
   * Finds one in a log's files, the oldest first, and looks at no older file than it needs to.
   *
   * @param which 0 the latest, -1 the one before it, 1 the oldest that there is
   * @return empty if there are fewer
   */
  static Optional<Stretch> find(List<LogText> files, int which, Problems problems)
      throws IOException {
    List<Place> begins = new ArrayList<>();
    for (int file = files.size() - 1; file >= 0; file--) {
      if (which <= 0 && begins.size() > -which) {
        break;
      }
      begins.addAll(0, marks(files.get(file), file, problems));
    }
    boolean reachesBack = which > 0 || begins.size() <= -which;
    Place oldest = new Place(0, 0);
    if (reachesBack && !files.isEmpty() && !begins.contains(oldest)) {
      begins.add(0, oldest);
    }
    int index = which > 0 ? which - 1 : begins.size() - 1 + which;
    if (index < 0 || index >= begins.size()) {
      return Optional.empty();
    }
    Optional<Place> end =
        index + 1 < begins.size() ? Optional.of(begins.get(index + 1)) : Optional.empty();
    return Optional.of(new Stretch(begins.get(index), end));
  }

  private static List<Place> marks(LogText file, int number, Problems problems) throws IOException {
    List<Place> marks = new ArrayList<>();
    LineReader reader = new LineReader(file, 0, BLOCK_BYTES);
    LineParser parser = new LineParser(new YearRecovery(ZoneOffset.UTC, Instant.EPOCH));
    while (reader.next(MARK)) {
      if (StartMark.is(parser.parse(reader.bytes(), reader.start(), reader.end()))) {
        int length = reader.end() + 1 - reader.start();
        marks.add(new Place(number, reader.offset() - length));
      }
    }
    HistoryStream.tellDamage(file, problems);
    return marks;
  }
}
