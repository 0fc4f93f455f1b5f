package org.vmlog.intake;

import org.vmlog.record.LineBuffer;
import org.vmlog.route.DropReason;
import org.vmlog.route.LogPipe;
import org.vmlog.route.Offer;
import org.vmlog.route.SeverityCounts;

/** The copies that go to the local syslog beside the file: best effort, never waited for. */
final class SyslogCopies {
  private SyslogCopies() {}

  /** Appends the copies; what the pipe does not take at once is counted as dropped there. */
  static void append(LogPipe copy, LineBuffer lines, SeverityCounts counts) {
    Offer offer = copy.append(lines.bytes(), 0, lines.position(), counts, null);
    if (offer == Offer.FULL) {
      copy.drop(DropReason.PIPE_FULL, counts.records(), null);
    }
  }
}
