package org.vmlog.sink;

import java.nio.file.Path;
import org.vmlog.platform.DatagramSender.Outcome;

/**
 * The local syslog. What it can never take is cut: a line over {@link #MAX_DATAGRAM_BYTES}, or over
 * what the socket takes if that is less, ends after a whole character in {@code " [cut]"}. Confined
 * to the pipe's writer.
 */
public final class SyslogSink extends DatagramSink {
  /**
   * What a datagram may have. A receiver may cut at less (RFC 5424 section 6.1; rsyslog by default
   * at 8 KiB), and knows best; systemd-journald and syslog-ng take this much.
   */
  public static final int MAX_DATAGRAM_BYTES = 64 * 1024;

  /** Connects to nothing yet. */
  public SyslogSink(Path socket) {
    super(socket);
  }

  @Override
  Outcome send(LineCursor line) {
    Outcome outcome = sender.send(line.line(MAX_DATAGRAM_BYTES));
    return outcome == Outcome.TOO_LARGE ? sender.send(line.line(sender.maxBytes())) : outcome;
  }
}
