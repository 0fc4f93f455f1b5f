package org.vmlog.guest;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.RecordEncoder;

/**
 * A page of entries, all of one queue, in the order in which they came. An entry is an encoded
 * record, or a part of one that is too long for a page:
 *
 * <pre>{@code
 * page   0 queue, 4 end of the last entry, 8 entries
 * entry  0 checksum of all from 16 on, 4 whether it is done, 8 number in the stream,
 *        16 length of the bytes, 20 place in the record, 24 arrival, 32 bytes
 * }</pre>
 *
 * <p>Everything that must outlive the process is in the page, which may lie in a file: an entry is
 * there once the page's end is behind it.
 *
 * <p>Guarded by the lock of the {@link RecordBuffer}, except that an entry's bytes, which never
 * change, may be copied by whoever keeps it from being done.
 */
final class Segment {
  static final int BYTES = 4096;

  private static final int QUEUE = 0;
  private static final int END = 4;
  private static final int FIRST = 8;

  private static final int CHECKSUM = 0;
  private static final int DONE = 4;
  private static final int NUMBER = 8;
  private static final int CHECKED = 16;
  private static final int LENGTH = 16;
  private static final int PLACE = 20;
  private static final int ARRIVAL = 24;
  private static final int HEADER = 32;

  /** Set in the place of a part behind which the record goes on; the rest is where it begins. */
  private static final int GOES_ON = 1 << 31;

  /** The longest entry. */
  static final int MAX_LENGTH = BYTES - FIRST - HEADER;

  /** What an unused page has in the place of its queue. */
  private static final int NONE = 0;

  private static final int DETACHED = -1;

  private final ByteBuffer page;
  private final ByteBuffer checked;
  private final int index;
  private final QueueId queue;
  private int end;
  private int pending;
  @Nullable Segment next;

  private Segment(ByteBuffer page, int index, QueueId queue) {
    this.page = page;
    this.checked = page.duplicate();
    this.index = index;
    this.queue = queue;
  }

  /**
   * Begins an empty segment.
   *
   * @param index its place in its store
   */
  static Segment empty(ByteBuffer page, int index, QueueId queue) {
    Segment segment = new Segment(page, index, queue);
    segment.setEnd(FIRST);
    page.putInt(QUEUE, queue.tag());
    return segment;
  }

  /** Begins one that belongs to no store, for a single record. */
  static Segment detached(QueueId queue) {
    return empty(ByteBuffer.allocate(BYTES), DETACHED, queue);
  }

  /** Takes a page as a process before this one left it; null when it has nothing to be sent. */
  static @Nullable Segment recover(ByteBuffer page, int index) {
    QueueId queue = QueueId.ofTag(page.getInt(QUEUE));
    if (queue == null) {
      return null;
    }
    Segment segment = new Segment(page, index, queue);
    int claimed = page.getInt(END);
    int at = FIRST;
    while (segment.isSound(at, claimed)) {
      segment.pending += segment.isDone(at) ? 0 : 1;
      at = segment.after(at);
    }
    segment.setEnd(at);
    return segment.pending == 0 ? null : segment;
  }

  private boolean isSound(int at, int claimed) {
    return claimed <= BYTES
        && claimed - at >= HEADER
        && page.getInt(at + LENGTH) >= 0
        && page.getInt(at + LENGTH) <= claimed - at - HEADER
        && page.getInt(at + CHECKSUM) == checksum(at);
  }

  QueueId queue() {
    return queue;
  }

  int index() {
    return index;
  }

  boolean isDetached() {
    return index == DETACHED;
  }

  /** How many bytes the next entry may have; negative when there is no room for one. */
  int room() {
    return BYTES - end - HEADER;
  }

  /** Appends {@code [from, from + count)} of a record. */
  void append(RecordEncoder record, int from, int count, long arrival) {
    boolean goesOn = from + count < record.length();
    page.putInt(end + DONE, 0);
    page.putLong(end + NUMBER, 0);
    page.putInt(end + LENGTH, count);
    page.putInt(end + PLACE, from | (goesOn ? GOES_ON : 0));
    page.putLong(end + ARRIVAL, arrival);
    record.copy(from, count, page, end + HEADER);
    page.putInt(end + CHECKSUM, checksum(end));
    pending++;
    setEnd(after(end));
  }

  /** A kill may come between any two stores, so they must come in this order. */
  private void setEnd(int newEnd) {
    VarHandle.releaseFence();
    end = newEnd;
    page.putInt(END, newEnd);
  }

  /** Where the first entry is. */
  static int first() {
    return FIRST;
  }

  /** Whether there is an entry at this place. */
  boolean has(int at) {
    return at < end;
  }

  /** Where the entry behind this one is. */
  int after(int at) {
    return at + HEADER + length(at);
  }

  int length(int at) {
    return page.getInt(at + LENGTH);
  }

  /** Whether the queue's next entry has more of the same record. */
  boolean goesOn(int at) {
    return (page.getInt(at + PLACE) & GOES_ON) != 0;
  }

  /** How many bytes of the same record are in the queue's entries before. */
  int before(int at) {
    return page.getInt(at + PLACE) & ~GOES_ON;
  }

  /** When it came: a number that grows with each record of all queues. */
  long arrival(int at) {
    return page.getLong(at + ARRIVAL);
  }

  /** The record's number in the stream; 0 until it has one. */
  long number(int at) {
    return page.getLong(at + NUMBER);
  }

  void setNumber(int at, long number) {
    page.putLong(at + NUMBER, number);
  }

  /** Takes all numbers away. */
  void clearNumbers() {
    for (int at = FIRST; has(at); at = after(at)) {
      setNumber(at, 0);
    }
  }

  void copy(int at, byte[] to, int offset) {
    page.get(at + HEADER, to, offset, length(at));
  }

  boolean isDone(int at) {
    return page.getInt(at + DONE) != 0;
  }

  /**
   * Says that an entry need not be sent any more.
   *
   * @return whether that is so for all that are in the segment
   */
  boolean finish(int at) {
    page.putInt(at + DONE, 1);
    pending--;
    return pending == 0;
  }

  /** Whether an entry in it is still to be sent. */
  boolean isNeeded() {
    return pending > 0;
  }

  /** Says that nothing in the page counts any more. */
  void erase() {
    page.putInt(QUEUE, NONE);
  }

  private int checksum(int at) {
    CRC32C crc = new CRC32C();
    crc.update(checked.limit(after(at)).position(at + CHECKED));
    return (int) crc.getValue();
  }
}
