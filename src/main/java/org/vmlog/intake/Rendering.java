package org.vmlog.intake;

import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineRenderer;
import org.vmlog.record.LogEntry;
import org.vmlog.route.CopyTarget;
import org.vmlog.route.LineStyle;
import org.vmlog.route.LogPipe;
import org.vmlog.route.Route;
import org.vmlog.route.RouteCopy;
import org.vmlog.route.SeverityCounts;

/**
 * Renders records into a chunk of lines, for their pipe and for each of its copies. A chunk that is
 * within {@link LogPipe#CHUNK_BYTES} always fits an empty pipe, however much the other pipes hold.
 * Confined to one thread.
 */
final class Rendering {
  /** By identity: the routes share their few styles, and this is looked up for every record. */
  private final IdentityHashMap<LineStyle, LineRenderer> renderers = new IdentityHashMap<>(4);

  private LineBuffer lines = new LineBuffer(LogPipe.CHUNK_BYTES);

  /** One for each of the route's copies; those of a route without any stay as they are. */
  private final List<LineBuffer> copies = new ArrayList<>();

  /** Where the copies of the record begin that is being added. */
  private final int[] copyMarks = new int[CopyTarget.values().length];

  private Instant received = Instant.EPOCH;
  private final SeverityCounts counts = new SeverityCounts();
  private int records;
  private int cuts;

  /** Begins an empty chunk of records that came in at this time. */
  void begin(Instant received) {
    this.received = received;
    for (LineRenderer renderer : renderers.values()) {
      renderer.received(received.getEpochSecond(), received.getNano());
    }
    counts.clear();
    records = 0;
    cuts = 0;
    lines = emptied(lines);
    copies.replaceAll(Rendering::emptied);
  }

  /** One long line is no reason to keep a large buffer. */
  private static LineBuffer emptied(LineBuffer buffer) {
    if (buffer.capacity() > LogPipe.CHUNK_BYTES) {
      return new LineBuffer(LogPipe.CHUNK_BYTES);
    }
    buffer.clear();
    return buffer;
  }

  /**
   * Adds a record to the chunk. The first one is always taken: if its line would not fit the pipe,
   * it is cut and counted.
   *
   * @return false when the chunk is full and the record is to go into the next
   */
  boolean add(LogEntry entry, Channel channel, Route route) {
    if (isLong(lines)) {
      return false; // a long line goes alone: it may have to wait where short ones need not
    }
    int before = lines.position();
    int cutsBefore = cuts;
    boolean added = false;
    try {
      added =
          add(entry, channel, route, route.style(), route.pipe(), lines)
              && addCopies(entry, channel, route);
    } finally {
      if (!added) { // nor if that failed: no half line stays
        lines.position(before);
        cuts = cutsBefore;
      }
    }
    if (!added) {
      return false;
    }
    records++;
    counts.add(entry.severity(), lines.position() - before);
    return true;
  }

  /** All of them, or none when one is full. */
  private boolean addCopies(LogEntry entry, Channel channel, Route route) {
    int count = route.copies().size();
    while (copies.size() < count) {
      copies.add(new LineBuffer(LogPipe.CHUNK_BYTES));
    }
    for (int i = 0; i < count; i++) {
      copyMarks[i] = copies.get(i).position();
    }
    int added = 0;
    try {
      while (added < count && addCopy(entry, channel, route, added)) {
        added++;
      }
      return added == count;
    } finally {
      for (int i = 0; added < count && i < count; i++) {
        copies.get(i).position(copyMarks[i]);
      }
    }
  }

  private boolean addCopy(LogEntry entry, Channel channel, Route route, int index) {
    RouteCopy copy = route.copies().get(index);
    LineBuffer out = copies.get(index);
    return !isLong(out) && add(entry, channel, route, copy.style(), copy.pipe(), out);
  }

  private static boolean isLong(LineBuffer buffer) {
    return buffer.position() > LogPipe.CHUNK_BYTES;
  }

  private boolean add(
      LogEntry entry, Channel channel, Route route, LineStyle style, LogPipe pipe, LineBuffer out) {
    LineRenderer renderer = renderer(style);
    if (renderer.render(entry, channel, route.label(), out)) {
      return true;
    }
    if (records > 0) {
      return false;
    }
    out.grow(pipe.maxBytes());
    if (!renderer.render(entry, channel, route.label(), out)) {
      renderer.renderCut(entry, channel, route.label(), pipe.maxBytes(), out);
      if (out == lines) {
        cuts++;
      }
    }
    return true;
  }

  private LineRenderer renderer(LineStyle style) {
    LineRenderer renderer = renderers.get(style);
    if (renderer == null) {
      renderer = style.newRenderer();
      renderer.received(received.getEpochSecond(), received.getNano());
      renderers.put(style, renderer);
    }
    return renderer;
  }

  /** The chunk's lines. */
  LineBuffer lines() {
    return lines;
  }

  /** Appends the same records' lines to each of the route's copies, which nobody waits for. */
  void appendCopies(Route route, SeverityCounts counts) {
    for (int i = 0; i < route.copies().size(); i++) {
      LineBuffer copy = copies.get(i);
      route.copies().get(i).append(copy.bytes(), copy.position(), counts);
    }
  }

  int records() {
    return records;
  }

  /** The chunk's records; the caller's to keep. */
  SeverityCounts counts() {
    return counts.copy();
  }

  /** How many of the lines had to be cut; copies are not counted. */
  int cuts() {
    return cuts;
  }
}
