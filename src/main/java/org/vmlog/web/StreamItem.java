package org.vmlog.web;

import java.util.Map;
import org.vmlog.logs.LogName;
import org.vmlog.record.LineView;
import org.vmlog.view.FollowSink;
import org.vmlog.view.LogLine;

/** What a page is told, in this order. Immutable. */
sealed interface StreamItem {
  /** What it costs to keep. */
  default int bytes() {
    return 64;
  }

  /**
   * The stream begins.
   *
   * @param resumed that it goes on where the page got to
   */
  record Hello(boolean resumed) implements StreamItem {}

  /** There is such a log. */
  record Known(LogName log) implements StreamItem {}

  /**
   * A line that passes the page's filter.
   *
   * @param line of a long one, the beginning
   * @param length of its content, in bytes
   */
  record Line(LogLine line, int length) implements StreamItem {
    /** More than is shown of a line, whatever characters are in it. */
    private static final int MAX_BYTES = 5 * StreamText.MAX_SHOWN;

    static Line of(LogLine line) {
      LineView whole = line.line();
      boolean isLong = whole.to() - whole.from() > MAX_BYTES;
      return new Line(
          isLong ? new LogLine(line.log(), whole.copy(MAX_BYTES)) : line,
          whole.to() - whole.contentFrom());
    }

    @Override
    public int bytes() {
      return 64 + line.line().to() - line.line().from();
    }
  }

  /** Something has happened to a log as a whole. */
  record Changed(LogName log, FollowSink.Change change) implements StreamItem {}

  /** So many lines would stand here. */
  record LeftOut(long lines) implements StreamItem {}

  /** What came since the last of these, whether it passes the filter or not. */
  record Rates(Map<LogName, Rate> rates) implements StreamItem {}

  /** How far has been read. */
  record Reached(String cursor) implements StreamItem {}

  /** The stream ends by itself. */
  record Failed(String why) implements StreamItem {}

  /**
   * One log's part.
   *
   * @param severe of these lines, as severe as an error and worse
   * @param drops lines of the forwarder's that say that something was dropped
   */
  record Rate(long lines, long severe, long drops) {}
}
