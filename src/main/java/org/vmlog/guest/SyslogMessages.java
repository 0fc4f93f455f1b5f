package org.vmlog.guest;

import java.time.InstantSource;
import org.vmlog.record.Channel;
import org.vmlog.record.LogEntry;
import org.vmlog.record.SyslogParser;

/**
 * Makes a record of each message that a program sends, and puts it into the buffer. Confined to one
 * thread.
 */
final class SyslogMessages {
  private final RecordBuffer buffer;
  private final SyslogParser parser;
  private final InstantSource clock;
  private final LogEntry entry = new LogEntry();

  SyslogMessages(RecordBuffer buffer, SyslogParser parser, InstantSource clock) {
    this.buffer = buffer;
    this.parser = parser;
    this.clock = clock;
  }

  /** Takes {@code [0, length)} for a whole message. */
  void accept(byte[] message, int length) {
    if (parser.parse(message, 0, length, clock.instant(), entry)) {
      buffer.offer(Channel.USER, entry);
    }
  }

  /** Takes the first bytes, all that fit, of an array from the parser for a cut message. */
  void acceptCut(byte[] message) {
    accept(message, SyslogParser.markCut(message, SyslogParser.MAX_BYTES));
  }
}
