package org.vmlog.record;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/**
 * Parses a record of the kernel's log as /dev/kmsg gives it: {@code
 * PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT}, with more fields behind the flags perhaps, see the
 * kernel's Documentation/ABI/testing/dev-kmsg.
 *
 * <ul>
 *   <li>The time is microseconds of the kernel's own clock, which stands still while the machine is
 *       suspended and drifts. For what was logged before this began it becomes the wall clock's, by
 *       what the two said then; what is read {@link #live} is of now.
 *   <li>What the kernel escaped as {@code \x0a} is that byte again.
 *   <li>Lines behind the first, of {@code KEY=VALUE} for machines, are not looked at. Nor are the
 *       flags: a fragment of a line, {@code c}, is a record too, since nothing says for certain
 *       which other one it goes on from.
 * </ul>
 *
 * <p>Confined to one thread.
 */
public final class KmsgParser {
  private static final int MAX_DIGITS = 18;
  private static final int MAX_PRIORITY_DIGITS = 9;

  private final InstantSource clock;
  private final Instant bootTime;
  private boolean live;
  private final LineBuffer unescaped = new LineBuffer(256);
  private int facility;
  private long sequence;

  /**
   * @param clock the wall clock
   * @param nanoTime the clock of the kernel's log, CLOCK_MONOTONIC, as far as that is known
   */
  public KmsgParser(InstantSource clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.bootTime = clock.instant().minusNanos(nanoTime.getAsLong());
  }

  /** Who wrote the last record: 0 is the kernel, anything else a program, by /dev/kmsg. */
  public int facility() {
    return facility;
  }

  /** The number of the last record; numbers have no gaps but for what was overwritten. */
  public long sequence() {
    return sequence;
  }

  /**
   * Fills the entry from {@code line[offset, offset + length)}, which has no newline. Its content
   * is good until the next call, and as long as the line is.
   *
   * @return false, with the entry as it was, when this is no such record
   */
  public boolean parse(byte[] line, int offset, int length, LogEntry into) {
    int end = offset + length;
    int priorityEnd = Digits.end(line, offset, Math.min(end, offset + MAX_PRIORITY_DIGITS));
    int sequenceEnd = nextNumber(line, offset, priorityEnd, end);
    int microsEnd = nextNumber(line, priorityEnd + 1, sequenceEnd, end);
    int text = microsEnd == 0 ? end : indexOf(line, microsEnd, end, (byte) ';') + 1;
    if (text > end || microsEnd == 0 || (line[microsEnd] != ',' && line[microsEnd] != ';')) {
      return false;
    }
    int priority = Digits.value(line, offset, priorityEnd);
    facility = priority >> 3;
    sequence = Digits.longValue(line, priorityEnd + 1, sequenceEnd);
    setContent(line, text, end, priority & 7, at(line, sequenceEnd + 1, microsEnd), into);
    return true;
  }

  /** Where the number behind a comma at {@code comma} ends; 0 when there is none. */
  private static int nextNumber(byte[] line, int before, int comma, int end) {
    if (comma <= before || comma >= end || line[comma] != ',') {
      return 0;
    }
    int numberEnd = Digits.end(line, comma + 1, Math.min(end, comma + 1 + MAX_DIGITS));
    return numberEnd > comma + 1 && numberEnd < end ? numberEnd : 0;
  }

  /** From now on records come as they are logged. */
  public void live() {
    live = true;
  }

  private Instant at(byte[] line, int from, int end) {
    Instant now = clock.instant();
    if (live) {
      return now;
    }
    Instant said = bootTime.plus(Digits.longValue(line, from, end), ChronoUnit.MICROS);
    return said.isAfter(now) ? now : said;
  }

  private void setContent(
      byte[] line, int text, int end, int severity, Instant time, LogEntry into) {
    byte[] bytes = line;
    int from = text;
    int length = end - text;
    if (indexOf(line, text, end, (byte) '\\') < end) {
      unescape(line, text, end);
      bytes = unescaped.bytes();
      from = 0;
      length = unescaped.position();
    }
    into.set(severity, time.getEpochSecond(), time.getNano(), bytes, from, length);
  }

  private void unescape(byte[] line, int from, int end) {
    unescaped.clear();
    unescaped.grow(end - from);
    int at = from;
    while (at < end) {
      if (isEscape(line, at, end)) {
        unescaped.put((byte) (16 * Digits.hex(line[at + 2]) + Digits.hex(line[at + 3])));
        at += 4;
      } else {
        unescaped.put(line[at]);
        at++;
      }
    }
  }

  private static boolean isEscape(byte[] line, int at, int end) {
    return end - at >= 4
        && line[at] == '\\'
        && line[at + 1] == 'x'
        && Digits.hex(line[at + 2]) >= 0
        && Digits.hex(line[at + 3]) >= 0;
  }

  private static int indexOf(byte[] line, int from, int end, byte wanted) {
    int at = from;
    while (at < end && line[at] != wanted) {
      at++;
    }
    return at;
  }
}
