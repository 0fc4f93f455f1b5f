package org.vmlog.ship;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.ListedFile;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFileIds;
import org.vmlog.logs.LogFileName;
import org.vmlog.logs.LogText;
import org.vmlog.platform.LimitedLog;

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

  /** For how long a file that cannot be read is tried, before what is in it is a gap. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A file that is gone, and how much was in it. */
  private record Deleted(long id, long bytes) {}

  private final LogFileName log;
  private final LogSource source;
  private final LogFileIds ids;
  private final BatchBuffer buffer;
  private final long patienceNanos;
  private @Nullable LogCursor cursor;

  /** What is not read to its end yet; the cursor's file first, unless it is deleted. */
  private List<ListedFile> files = List.of();

  /** What was deleted before it was read to its end; then the cursor's file comes first in here. */
  private final Deque<Deleted> deleted = new ArrayDeque<>();

  private final Set<Long> done = new HashSet<>();
  private boolean everListed;
  private boolean exists;
  private boolean missing;
  private @Nullable LogText open;
  private @Nullable Shipment underWay;
  private boolean blocked;

  /** Paths by id: what cannot be read, or not to its end. */
  private final Map<Long, Path> unreadable = new LinkedHashMap<>();

  private long failingSince;

  /** Of a line that is too long, up to where its end was looked for. */
  private long soughtTo;

  /** How large a file is that has become shorter than what was sent of it; or -1. */
  private long shrunkBytes = -1;

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
    this(log, source, ids, cursor, buffer, PATIENCE);
  }

  LogTail(
      LogFileName log,
      LogSource source,
      LogFileIds ids,
      @Nullable LogCursor cursor,
      BatchBuffer buffer,
      Duration patience) {
    this.patienceNanos = patience.toNanos();
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

  /** Its files that cannot be read, or not to their ends. */
  Collection<Path> unreadable() {
    return unreadable.values();
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
    unreadable.keySet().retainAll(there);
    for (ListedFile file : files) {
      if (!there.contains(file.id())) {
        deleted.add(new Deleted(file.id(), lastBytes(file)));
      }
    }
    files = now.stream().filter(file -> !done.contains(file.id())).toList();
    LogText held = open;
    if (held != null && files.stream().noneMatch(file -> file.id() == held.id())) {
      letGo(); // It would keep its room on the disk.
    }
    if (at != null && !files.isEmpty() && files.get(0).id() == at.file()) {
      cursor = at.seen(files.get(0).bytes());
    }
  }

  private long lastBytes(ListedFile file) throws IOException {
    LogText held = open;
    boolean isHeld = held != null && held.id() == file.id() && !file.compressed();
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
      Shipment shipment = read(at, file);
      if (shipment != null || files.size() == 1 || open == null) {
        return shipment;
      }
      // There is a newer one, so nothing comes here any more; a line that was not ended never will.
      end(file);
    }
  }

  private void end(ListedFile file) {
    letGo();
    done.add(file.id());
    files = files.subList(1, files.size());
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
      if (gap.cause() == Gap.Cause.DELETED) {
        deleted.remove();
      }
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

  /**
   * Whole lines from the cursor on, or what there is in their place; null when there is nothing.
   */
  private @Nullable Shipment read(LogCursor at, ListedFile file) {
    try {
      LogText text = open;
      if (text == null) {
        text = LogText.open(log, file, ids);
        open = text;
      }
      if (text == null) {
        return null; // Until the next look at the folder.
      }
      if (failingSince != 0) {
        failingSince = 0;
        unreadable.remove(file.id());
      }
      if (text.isTruncated(at.offset())) {
        letGo(); // What was not sent is a gap once the folder has been looked at.
        return null;
      }
      if (file.compressed()) {
        return read(at, text); // up to where it ends: it may be cut, or have another member
      }
      long bytes = text.bytes();
      if (bytes < at.offset()) {
        return shrunk(at, file, bytes);
      }
      shrunkBytes = -1;
      return bytes == at.offset() ? null : read(at, text);
    } catch (IOException e) {
      return failed(at, file, e);
    }
  }

  /**
   * Somebody has emptied it: the forwarder gives it another id before it writes to it again. If it
   * has written, and the id is the same, the host has lost what was sent, with its power.
   */
  private @Nullable Shipment shrunk(LogCursor at, ListedFile file, long bytes) {
    if (shrunkBytes < 0 || bytes < shrunkBytes) {
      shrunkBytes = bytes;
    } else if (bytes > shrunkBytes) {
      FAULTS.warn(
          "{} had {} bytes, and {} were sent: the host lost some",
          file.path(),
          shrunkBytes,
          at.offset());
      cursor = new LogCursor(at.file(), shrunkBytes, shrunkBytes);
      shrunkBytes = -1;
    }
    return null;
  }

  private @Nullable Shipment failed(LogCursor at, ListedFile file, IOException cause) {
    letGo();
    unreadable.put(file.id(), file.path());
    FAULTS.warn("{} cannot be read: {}", file.path(), cause.toString());
    long now = System.nanoTime();
    failingSince = failingSince == 0 ? now : failingSince;
    if (files.size() == 1 || now - failingSince < patienceNanos) {
      return null;
    }
    long to = Math.max(at.seen(), file.bytes());
    failingSince = 0;
    if (to > at.offset()) {
      return new Gap(source, file.id(), at.offset(), to, Gap.Cause.UNREADABLE);
    }
    end(file);
    return null;
  }

  private @Nullable Shipment read(LogCursor at, LogText text) throws IOException {
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
        return text.damage() == null ? null : damaged(at, text);
      }
      if (length >= LogText.MAX_LINE_BYTES) {
        return tooLong(at, text);
      }
      if (length == room) {
        room = (int) Math.min(2L * room, LogText.MAX_LINE_BYTES);
      }
    }
  }

  /** The rest of a file that is cut, or garbage. */
  private @Nullable Gap damaged(LogCursor at, LogText text) {
    unreadable.put(text.id(), text.listed().path());
    FAULTS.warn(
        "{} cannot be read behind byte {}: {}",
        text.listed().path(),
        text.readableBytes(),
        String.valueOf(text.damage()));
    long to = Math.max(Math.max(at.seen(), text.listed().bytes()), text.readableBytes() + 1);
    return at.offset() <= text.readableBytes()
        ? new Gap(source, at.file(), at.offset(), to, Gap.Cause.UNREADABLE)
        : null;
  }

  /** Looks for the end of what is no line of a forwarder's, and keeps nothing of it. */
  private @Nullable Gap tooLong(LogCursor at, LogText text) throws IOException {
    byte[] bytes = buffer.bytes(buffer.limit());
    long from = Math.max(soughtTo, at.offset());
    while (true) {
      int read = text.read(from, bytes, 0, buffer.limit());
      for (int i = 0; i < read; i++) {
        if (bytes[i] == '\n') {
          soughtTo = 0;
          return new Gap(source, at.file(), at.offset(), from + i + 1, Gap.Cause.TOO_LONG);
        }
      }
      if (read <= 0) {
        soughtTo = from;
        return files.size() > 1
            ? new Gap(source, at.file(), at.offset(), from, Gap.Cause.TOO_LONG)
            : null;
      }
      from += read;
    }
  }

  private void letGo() {
    LogText closing = open;
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
