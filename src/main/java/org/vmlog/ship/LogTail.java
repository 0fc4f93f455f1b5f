package org.vmlog.ship;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.sink.ListedFile;
import org.vmlog.sink.LogCursor;
import org.vmlog.sink.LogFileIds;
import org.vmlog.sink.LogFileName;

/**
 * Reads one log, from its oldest file to the one that is written to, and knows how far it has been
 * acknowledged.
 *
 * <p>One shipment is under way at a time, and the next begins where that one was acknowledged to
 * end. So the cursor can only move over what was acknowledged, the order of a log's lines is kept
 * whatever fails, and what a kill has sent twice is one shipment at most. Confined to one thread.
 */
final class LogTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
  private static final LimitedLog FAULTS = LimitedLog.on(LOG);

  /** A file that is gone, and how much was in it. */
  private record Deleted(long id, long bytes) {}

  private final LogFileName log;
  private final LogSource source;
  private final LogFileIds ids;
  private final BatchBuffer buffer;
  private @Nullable LogCursor cursor;

  /** What is not read to its end yet; the cursor's file first, unless it is deleted. */
  private List<ListedFile> files = List.of();

  /** What was deleted before it was read to its end; then the cursor's file comes first in here. */
  private final Deque<Deleted> deleted = new ArrayDeque<>();

  private final Set<Long> done = new HashSet<>();
  private boolean everListed;
  private boolean exists;
  private boolean missing;
  private @Nullable FileText open;
  private @Nullable Shipment underWay;
  private boolean blocked;

  /** Of a batch, in bytes: less for a while, once the engine took none as large. */
  private int limit;

  /**
   * Reads nothing yet.
   *
   * @param cursor where to begin; null for the oldest file
   */
  LogTail(
      LogFileName log,
      LogSource source,
      LogFileIds ids,
      @Nullable LogCursor cursor,
      BatchBuffer buffer) {
    this.log = log;
    this.source = source;
    this.ids = ids;
    this.cursor = cursor;
    this.buffer = buffer;
    this.limit = buffer.limit();
  }

  LogSource source() {
    return source;
  }

  /** How far it is; null when there was nothing yet. */
  @Nullable LogCursor cursor() {
    return cursor;
  }

  /** Whether the engine does not take its next line, which is too large. */
  boolean isBlocked() {
    return blocked;
  }

  /** How much of what is there has not been acknowledged. */
  long behindBytes() {
    LogCursor at = cursor;
    long bytes = files.stream().mapToLong(ListedFile::bytes).sum();
    boolean begun = at != null && !files.isEmpty() && files.get(0).id() == at.file();
    return Math.max(0, begun && at != null ? bytes - at.offset() : bytes);
  }

  /** Whether there is nothing left of it to be sent. */
  boolean isGone() {
    return everListed && !missing && !exists && deleted.isEmpty() && underWay == null;
  }

  /**
   * Takes notice of which files there are now. That one is gone is believed the second time: what
   * is taken for lost is never looked for again.
   *
   * @param now the oldest first
   */
  void listed(List<ListedFile> now) throws IOException {
    LogCursor at = cursor;
    List<Long> there = now.stream().map(ListedFile::id).toList();
    boolean isMissing =
        everListed
            ? files.stream().anyMatch(file -> !there.contains(file.id()))
            : at != null && !there.contains(at.file());
    missing = isMissing && !missing;
    if (missing) {
      return;
    }
    if (!everListed && at != null && !there.contains(at.file())) {
      deleted.add(new Deleted(at.file(), at.seen())); // While no shipper ran.
    } else if (at != null) {
      done.addAll(there.subList(0, Math.max(0, there.indexOf(at.file()))));
    }
    everListed = true;
    exists = !now.isEmpty();
    done.retainAll(there);
    for (ListedFile file : files) {
      if (!there.contains(file.id())) {
        deleted.add(new Deleted(file.id(), lastBytes(file)));
      }
    }
    files = now.stream().filter(file -> !done.contains(file.id())).toList();
    Set<Object> identities = files.stream().map(ListedFile::identity).collect(Collectors.toSet());
    if (open != null && !identities.contains(open.identity)) {
      letGo(); // It would keep its room on the disk.
    }
    if (at != null && !files.isEmpty() && files.get(0).id() == at.file()) {
      cursor = at.seen(files.get(0).bytes());
    }
  }

  private long lastBytes(ListedFile file) throws IOException {
    FileText held = open;
    boolean isHeld = held != null && held.identity.equals(file.identity()) && !file.compressed();
    return held != null && isHeld ? Math.max(held.bytes(), file.bytes()) : file.bytes();
  }

  /** The next shipment, unless one is under way or there is nothing. */
  Optional<Shipment> next() {
    if (underWay == null) {
      underWay = find();
      return Optional.ofNullable(underWay);
    }
    return Optional.empty();
  }

  private @Nullable Shipment find() {
    while (true) {
      Deleted gone = deleted.peek();
      if (gone != null) {
        LogCursor at =
            cursor == null || cursor.file() != gone.id() ? LogCursor.beginOf(gone.id()) : cursor;
        cursor = at;
        long to = Math.max(at.seen(), gone.bytes());
        if (to > at.offset()) {
          return new Gap(source, gone.id(), at.offset(), to);
        }
        deleted.remove();
        continue;
      }
      if (files.isEmpty()) {
        return null;
      }
      ListedFile file = files.get(0);
      LogCursor at =
          cursor == null || cursor.file() != file.id() ? LogCursor.beginOf(file.id()) : cursor;
      cursor = at;
      Batch batch = read(at, file);
      if (batch != null || files.size() == 1 || open == null) {
        return batch;
      }
      // There is a newer one, so nothing comes here any more; a line that was not ended never will.
      letGo();
      done.add(file.id());
      files = files.subList(1, files.size());
    }
  }

  /** Its shipment arrived. */
  void acknowledged() {
    Shipment shipment = underWay;
    underWay = null;
    blocked = false;
    limit = Math.min(buffer.limit(), 2 * limit);
    if (shipment instanceof Batch batch && cursor != null) {
      cursor = cursor.at(batch.end());
    } else if (shipment instanceof Gap gap) {
      cursor = new LogCursor(gap.file(), gap.to(), gap.to());
      deleted.remove();
    }
  }

  /** Its shipment is to be sent again. */
  void retry() {
    underWay = null;
  }

  /** Its shipment was too large. */
  void tooLarge() {
    Shipment shipment = underWay;
    underWay = null;
    if (shipment instanceof Batch batch && batch.count() > 1) {
      limit = Math.max(1, batch.length() / 2);
    } else {
      blocked = true;
    }
  }

  /** Its shipment will never be taken; answers whether it is passed, or sent again in parts. */
  boolean rejected() {
    if (underWay instanceof Batch batch && batch.count() > 1) {
      underWay = null;
      limit = Math.max(1, batch.length() / 2);
      return false;
    }
    acknowledged();
    return true;
  }

  /** Whole lines from the cursor on; null when there are none. */
  private @Nullable Batch read(LogCursor at, ListedFile file) {
    try {
      FileText text = open;
      if (text == null) {
        text = FileText.open(log, file, ids);
        open = text;
      }
      if (text == null) {
        return null; // Until the next look at the folder.
      }
      long bytes = text.bytes();
      if (bytes < at.offset()) {
        FAULTS.warn(
            "{} has {} bytes, and {} were sent: the host lost some",
            file.path(),
            bytes,
            at.offset());
        cursor = new LogCursor(at.file(), bytes, bytes);
      }
      return bytes <= at.offset() ? null : read(at, text);
    } catch (IOException e) {
      letGo();
      FAULTS.warn("{} cannot be read: {}", file.path(), e.toString());
      return null;
    }
  }

  private @Nullable Batch read(LogCursor at, FileText text) throws IOException {
    int room = limit;
    int length = 0;
    while (true) {
      byte[] bytes = buffer.bytes(room);
      int read = text.read(at.offset() + length, bytes, length, room - length);
      length += Math.max(0, read);
      // What is longer than a batch should be is one line: with the next it might be too large.
      int most = room > limit ? 1 : Integer.MAX_VALUE;
      int count = 0;
      int end = 0;
      for (int i = 0; i < length && count < most; i++) {
        if (bytes[i] == '\n') {
          count++;
          end = i + 1;
        }
      }
      if (count > 0) {
        return new Batch(source, at.file(), at.offset(), bytes, end, count);
      }
      if (read <= 0) {
        return null;
      }
      if (length == room) {
        room = 2 * room; // One line, which is no longer than a pipe of the forwarder's.
      }
    }
  }

  private void letGo() {
    FileText closing = open;
    open = null;
    try {
      if (closing != null) {
        closing.close();
      }
    } catch (IOException e) {
      LOG.debug("closing a file of {}", source.path(), e);
    }
  }

  @Override
  public void close() {
    letGo();
  }
}
