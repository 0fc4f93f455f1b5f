package org.vmlog.record;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;

/**
 * Parses one datagram as syslog(3) and VMMs send it to a log socket: {@code <PRI>Mmm dd hh:mm:ss
 * CONTENT}, RFC 3164 as it is spoken, without a hostname.
 *
 * <ul>
 *   <li>The priority, 0 to 191 in one to three digits, may be missing; then the line is a notice.
 *       Of the facility nothing is kept: the host sets it.
 *   <li>The time may be missing; then it is now. It has no year: the year is the one that brings it
 *       nearest to now, in the host's zone.
 *   <li>The content is whatever is left, to the last byte: the space after the time, NULs, and a
 *       newline at the end too.
 * </ul>
 *
 * <p>What looks like a priority or a time but is none is content. Confined to one thread.
 */
public final class SyslogLineParser {
  private final InstantSource clock;
  private final BsdTimestamp timestamp;

  /**
   * @param zone the host's, which is also its VMMs'
   * @param clock the host's
   */
  public SyslogLineParser(ZoneId zone, InstantSource clock) {
    this.clock = clock;
    this.timestamp = new BsdTimestamp(zone);
  }

  /**
   * Fills the entry from {@code datagram[offset, offset + length)}.
   *
   * @return false when no content is left, and so nothing is to be logged
   */
  public boolean parse(byte[] datagram, int offset, int length, LogEntry into) {
    int end = offset + length;
    int afterPri = Priority.end(datagram, offset, end);

    Instant now = clock.instant();
    int content = timestamp.parse(datagram, afterPri, end, now.getEpochSecond());
    boolean timed = content > afterPri;
    into.set(
        Priority.severity(datagram, offset, afterPri),
        timed ? timestamp.seconds() : now.getEpochSecond(),
        timed ? 0 : now.getNano(),
        datagram,
        content,
        end - content);
    return content < end;
  }
}
