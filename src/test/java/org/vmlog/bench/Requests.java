package org.vmlog.bench;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.proto.vmtools.Timestamp;

/** What the guests send: lines as system services write them. Thread-safe. */
final class Requests {
  /** A serialized LogRecord, about what a real guest's are on average. */
  static final int RECORD_BYTES = 124;

  private static final long FIRST_SECOND = 1_767_225_600; // 2026-01-01T00:00:00Z
  private static final int RECORDS_PER_SECOND = 20;
  private static final String CONTENT =
      " systemd[1]: Started session-4711.scope - Session 4711 of User chronos, seat0, tty7, 0x7f3a"
          + "9c02, all is well";

  private Requests() {}

  /** A serialized LogRequest; its records' time goes on by a second every 20 records. */
  static byte[] ofRecords(int records) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(record(FIRST_SECOND + i / RECORDS_PER_SECOND));
    }
    return request.build().toByteArray();
  }

  private static LogRecord record(long second) {
    LogRecord.Builder record =
        LogRecord.newBuilder()
            .setSeverity(LogSeverity.INFO)
            .setTimestamp(Timestamp.newBuilder().setSeconds(second).setNanos(123_456_789));
    int head = record.buildPartial().getSerializedSize() + 2; // its tag and its length
    return record.setContent(ByteString.copyFromUtf8(content(RECORD_BYTES - head))).build();
  }

  /** The same line as a VMM sends it, with the time and the facility that it writes itself. */
  static byte[] datagram() {
    String head = "<14>Jan  1 00:00:00";
    return (head + content(RECORD_BYTES - head.length())).getBytes(StandardCharsets.US_ASCII);
  }

  private static String content(int bytes) {
    if (bytes > CONTENT.length()) {
      throw new IllegalStateException("the content is to be " + bytes + " bytes");
    }
    return CONTENT.substring(0, bytes);
  }
}
