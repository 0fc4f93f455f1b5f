package org.vmlog.record;

import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Arrays;

/**
 * One line of a log file, taken apart: whichever {@link LineFormat} it was rendered in, which its
 * beginning tells. What is in none of them, as a line that somebody else put there, is content as a
 * whole, a notice without a time.
 *
 * <p>RFC 3164 and chromeos lines have no year: it is the one that brings the time nearest to now.
 * Confined to one thread.
 */
public final class FileLine {
  /** When the line has no CID. */
  public static final long NO_CID = -1;

  private static final int NOTICE = 5;
  private static final byte[] CID = {' ', 'c', 'i', 'd', '=', '"'};
  private static final byte[] VM = {'V', 'M', '('};
  private static final int MAX_CID_DIGITS = 10;

  private final InstantSource clock;
  private final BsdTimestamp local;
  private final Rfc3339Timestamp exact = new Rfc3339Timestamp();

  /** The last local time, since many lines in a row have the same. */
  private byte[] lastTime = {};

  private byte[] line = {};
  private int end;
  private int severity;
  private int facility;
  private long seconds;
  private int nanos;
  private boolean timed;
  private long cid;
  private int content;

  /**
   * @param zone in which the files' times are
   */
  public FileLine(ZoneId zone, InstantSource clock) {
    this.clock = clock;
    this.local = new BsdTimestamp(zone);
  }

  /** Takes {@code [from, end)} apart, which has no newline. The array must stay as it is. */
  public void parse(byte[] bytes, int from, int end) {
    this.line = bytes;
    this.end = end;
    severity = NOTICE;
    facility = Channel.USER.facility();
    timed = false;
    cid = NO_CID;
    content = from;
    int afterPri = Priority.end(bytes, from, end);
    if (afterPri == from) {
      chromeos(from);
    } else if (end - afterPri > 2 && bytes[afterPri] == '1' && bytes[afterPri + 1] == ' ') {
      rfc5424(from, afterPri);
    } else {
      rfc3164(from, afterPri);
    }
  }

  /** RFC 5424's number. */
  public int severity() {
    return severity;
  }

  /** RFC 5424's number, by which a {@link Channel} is told. */
  public int facility() {
    return facility;
  }

  /** Whether the line says when it was logged. */
  public boolean isTimed() {
    return timed;
  }

  /** Seconds since the Unix epoch. */
  public long seconds() {
    return seconds;
  }

  public int nanos() {
    return nanos;
  }

  /** The VM's CID, or {@link #NO_CID}. */
  public long cid() {
    return cid;
  }

  /** Where the content begins in the array. */
  public int contentOffset() {
    return content;
  }

  public int contentLength() {
    return end - content;
  }

  /** {@code <PRI>Mmm dd hh:mm:ss HOST CONTENT}. */
  private void rfc3164(int from, int afterPri) {
    int afterTime = localTime(afterPri);
    if (afterTime == afterPri) {
      return;
    }
    int afterHost = spaceAfter(Math.min(end, afterTime + 1));
    priority(from, afterPri);
    content = Math.min(end, afterHost + 1);
  }

  /** {@code Mmm dd hh:mm:ss <PRI> VM(CID): CONTENT}, with two spaces. */
  private void chromeos(int from) {
    int afterTime = localTime(from);
    int pri = afterTime + 1;
    int afterPri = afterTime == from || pri >= end ? pri : Priority.end(line, pri, end);
    if (afterPri == pri) {
      timed = false;
      return;
    }
    priority(pri, afterPri);
    content = Math.min(end, afterPri + 2);
    if (end - content > VM.length
        && Arrays.equals(line, content, content + VM.length, VM, 0, VM.length)) {
      int digits = content + VM.length;
      cid(digits);
      content = Math.min(end, spaceAfter(digits) + 1);
    }
  }

  /** {@code <PRI>1 TIME HOST - - - [vm@32473 owner="…" cid="…" …] CONTENT}. */
  private void rfc5424(int from, int afterPri) {
    int timeEnd = spaceAfter(afterPri + 2);
    int data = timeEnd + 1;
    for (int field = 0; field < 4; field++) {
      data = spaceAfter(Math.min(end, data)) + 1;
    }
    int dataEnd = data < end ? Rfc5424Parser.structuredDataEnd(line, data, end) : 0;
    if (dataEnd == 0 || !exact.parse(line, afterPri + 2, timeEnd)) {
      return;
    }
    timed = true;
    seconds = exact.seconds();
    nanos = exact.nanos();
    priority(from, afterPri);
    content = Math.min(end, dataEnd + 1);
    // The owner's quotes are escaped, so the first that looks like the CID may be in the owner.
    int at = owners(data, dataEnd);
    if (dataEnd - at > CID.length && Arrays.equals(line, at, at + CID.length, CID, 0, CID.length)) {
      cid(at + CID.length);
    }
  }

  /** Where the first parameter, the owner, ends. */
  private int owners(int data, int dataEnd) {
    boolean quoted = false;
    for (int at = data; at < dataEnd; at++) {
      if (line[at] == '\\') {
        at++;
      } else if (line[at] == '"') {
        if (quoted) {
          return at + 1;
        }
        quoted = true;
      }
    }
    return dataEnd;
  }

  private void priority(int from, int to) {
    int value = Digits.value(line, from + 1, to - 1);
    severity = value & 7;
    facility = value >> 3;
  }

  private void cid(int from) {
    int to = Digits.end(line, from, Math.min(end, from + MAX_CID_DIGITS));
    cid = to == from ? NO_CID : Digits.longValue(line, from, to);
  }

  private int localTime(int from) {
    int length = lastTime.length;
    if (length > 0
        && end - from >= length
        && Arrays.equals(line, from, from + length, lastTime, 0, length)) {
      timed = true;
      seconds = local.seconds();
      nanos = 0;
      return from + length;
    }
    int to = local.parse(line, from, end, clock.instant().getEpochSecond());
    if (to > from) {
      lastTime = Arrays.copyOfRange(line, from, to);
      timed = true;
      seconds = local.seconds();
      nanos = 0;
    }
    return to;
  }

  private int spaceAfter(int from) {
    int at = from;
    while (at < end && line[at] != ' ') {
      at++;
    }
    return at;
  }
}
