package org.vmlog.guest;

import java.util.Arrays;
import org.vmlog.record.Severity;

/** How many records were dropped, for one reason, and not told to the host yet. */
final class Drops {
  private final String reason;
  private final long[] counts = new long[QueueId.SEVERITIES];

  /**
   * @param reason completes the sentence "3 records dropped …"
   */
  Drops(String reason) {
    this.reason = reason;
  }

  void count(int severity) {
    counts[severity]++;
  }

  boolean isEmpty() {
    return total() == 0;
  }

  private long total() {
    return Arrays.stream(counts).sum();
  }

  /** Says how many of which severity, least severe first, and forgets them. */
  String tell() {
    long total = total();
    StringBuilder text = new StringBuilder();
    text.append(total).append(total == 1 ? " record" : " records");
    text.append(" dropped ").append(reason);
    String separator = ": ";
    for (int severity = QueueId.SEVERITIES - 1; severity >= 0; severity--) {
      if (counts[severity] > 0) {
        text.append(separator)
            .append(counts[severity])
            .append(' ')
            .append(Severity.of(severity).keyword());
        separator = ", ";
      }
    }
    Arrays.fill(counts, 0);
    return text.toString();
  }
}
