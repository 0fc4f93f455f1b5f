package org.vmlog.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.vmlog.record.Channel;
import org.vmlog.record.KmsgParser;
import org.vmlog.record.LogEntry;

/**
 * Makes a record of each line of the kernel's log and puts it into the buffer, and says so in one
 * of its own where numbers are missing: the kernel overwrites its oldest when nobody reads them in
 * time.
 *
 * <p>What programs wrote to /dev/kmsg is theirs and not the kernel's, and is sent as such; but what
 * this program wrote there is left out, or each failure to send would be followed by another.
 * Confined to one thread.
 */
final class KernelRecords {
  private static final int KERN = 0;

  private final RecordBuffer buffer;
  private final KmsgParser parser;
  private final OwnRecords ownRecords;
  private final LogEntry entry = new LogEntry();
  private final byte[] ownTag = OwnRecords.tag().getBytes(UTF_8);
  private final long firstWanted;
  private long next;

  /**
   * @param firstWanted the number of the first record that no earlier process has taken
   */
  KernelRecords(RecordBuffer buffer, KmsgParser parser, long firstWanted, OwnRecords ownRecords) {
    this.buffer = buffer;
    this.parser = parser;
    this.ownRecords = ownRecords;
    this.firstWanted = firstWanted;
    this.next = firstWanted;
  }

  /** Takes {@code line[offset, offset + length)}, without its newline. */
  void accept(byte[] line, int offset, int length) {
    boolean property = length > 0 && line[offset] == ' ';
    if (property || !parser.parse(line, offset, length, entry)) {
      return;
    }
    long sequence = parser.sequence();
    if (sequence < firstWanted) {
      return; // an earlier process has had it
    }
    if (sequence > next) {
      buffer.offer(Channel.USER, ownRecords.saying(overwritten(sequence - next)));
    }
    next = sequence + 1;
    if (entry.contentLength() > 0) {
      offer();
    }
    buffer.kernelReadTo(next);
  }

  /** What was there already has been taken; what comes from now on is of now. */
  void drained() {
    parser.live();
  }

  private static String overwritten(long missing) {
    return missing == 1
        ? "1 record of the kernel was overwritten before it could be read"
        : missing + " records of the kernel were overwritten before they could be read";
  }

  private void offer() {
    if (parser.facility() == KERN) {
      buffer.offer(Channel.KERNEL, entry);
    } else if (!isOwn()) {
      buffer.offer(Channel.USER, asOfProgram());
    }
  }

  /** With the space that is in front of what programs say to /dev/log. */
  private LogEntry asOfProgram() {
    byte[] content = new byte[1 + entry.contentLength()];
    content[0] = ' ';
    System.arraycopy(entry.bytes(), entry.contentOffset(), content, 1, entry.contentLength());
    return entry.set(entry.severity(), entry.seconds(), entry.nanos(), content, 0, content.length);
  }

  private boolean isOwn() {
    int from = entry.contentOffset();
    int end = from + Math.min(ownTag.length, entry.contentLength());
    return Arrays.equals(entry.bytes(), from, end, ownTag, 0, ownTag.length);
  }
}
