package org.vmlog.realm.run;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.proto.vmtools.Timestamp;

/**
 * A line that a command has written. Immutable.
 *
 * @param severity RFC 5424 number
 * @param content without its newline
 */
record OutputLine(int severity, Instant writtenAt, ByteString content) {
  private static final int PREFIX_BYTES = 3;

  /**
   * Reads a line.
   *
   * @param severity of a line that does not say its own
   * @param prefixed whether {@code <N>} at its beginning does, sd-daemon(3)
   */
  static OutputLine of(byte[] line, int length, int severity, boolean prefixed, Instant now) {
    boolean says =
        prefixed
            && length >= PREFIX_BYTES
            && line[0] == '<'
            && line[1] >= '0'
            && line[1] <= '7'
            && line[2] == '>';
    int from = says ? PREFIX_BYTES : 0;
    return new OutputLine(
        says ? line[1] - '0' : severity, now, ByteString.copyFrom(line, from, length - from));
  }

  /** Writes it as the command did, but for its prefix. */
  void writeTo(OutputStream out) throws IOException {
    content.writeTo(out);
    out.write('\n');
  }

  LogRecord toRecord() {
    return LogRecord.newBuilder()
        .setSeverity(LogSeverity.forNumber(severity + 1)) // 0 is that nobody said it
        .setTimestamp(
            Timestamp.newBuilder()
                .setSeconds(writtenAt.getEpochSecond())
                .setNanos(writtenAt.getNano()))
        .setContent(content)
        .build();
  }
}
