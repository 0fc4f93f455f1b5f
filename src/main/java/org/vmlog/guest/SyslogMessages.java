package org.vmlog.guest;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.ZoneId;
import org.vmlog.record.Channel;
import org.vmlog.record.LogEntry;
import org.vmlog.record.Rfc5424Parser;
import org.vmlog.record.SyslogLineParser;

/**
 * Makes a record of each message that a program sends, in the words of RFC 5424 or of RFC 3164, and
 * puts it into the buffer. Newlines and NULs at its end are no part of it: some programs put them
 * there to end it, and to others they slip. Confined to one thread.
 */
final class SyslogMessages {
  /** What of a message is kept; more is cut off. */
  static final int MAX_BYTES = 64 * 1024;

  private static final byte[] CUT_MARK = "#[cut]".getBytes(StandardCharsets.US_ASCII);

  private final RecordBuffer buffer;
  private final Rfc5424Parser rfc5424;
  private final SyslogLineParser rfc3164;
  private final LogEntry entry = new LogEntry();

  /**
   * @param zone of times without one: the guest's
   */
  SyslogMessages(RecordBuffer buffer, ZoneId zone, InstantSource clock) {
    this.buffer = buffer;
    this.rfc5424 = new Rfc5424Parser(clock);
    this.rfc3164 = new SyslogLineParser(zone, clock);
  }

  /** An array for one message: {@link #MAX_BYTES} and what it takes to say that it was cut. */
  static byte[] newMessage() {
    return new byte[MAX_BYTES + CUT_MARK.length];
  }

  /** Takes {@code [offset, offset + length)} for a whole message. */
  void accept(byte[] message, int offset, int length) {
    int end = offset + length;
    while (end > offset && (message[end - 1] == '\n' || message[end - 1] == 0)) {
      end--;
    }
    if (!rfc5424.parse(message, offset, end - offset, entry)) {
      boolean unused = rfc3164.parse(message, offset, end - offset, entry);
    }
    if (entry.contentLength() > 0) {
      buffer.offer(Channel.USER, entry);
    }
  }

  /** Takes the first {@link #MAX_BYTES} of an array from {@link #newMessage} for a cut message. */
  void acceptCut(byte[] message) {
    System.arraycopy(CUT_MARK, 0, message, MAX_BYTES, CUT_MARK.length);
    accept(message, 0, message.length);
  }
}
