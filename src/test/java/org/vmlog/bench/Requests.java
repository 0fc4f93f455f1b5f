package org.vmlog.bench;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.proto.vmtools.Timestamp;

/**
 * What is sent, and how it stands in the files: lines as system services write them. Thread-safe.
 */
final class Requests {
  /** A serialized LogRecord, about what a real guest's are on average. */
  static final int RECORD_BYTES = 124;

  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
  private static final int RECORDS_PER_SECOND = 20;
  private static final String USER_INFO = "<14>";
  private static final String DAEMON_INFO = "<30>";
  private static final DateTimeFormatter RFC3164 =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final String CONTENT =
      " systemd[1]: Started session-4711.scope - Session 4711 of User chronos, seat0, tty7, 0x7f3a"
          + "9c02, all is well";

  private Requests() {}

  /** A serialized LogRequest; its records' time goes on by a second every 20 records. */
  static byte[] ofRecords(int records) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(record(time(i)));
    }
    return request.build().toByteArray();
  }

  private static Instant time(int record) {
    return FIRST.plusSeconds(record / RECORDS_PER_SECOND);
  }

  private static LogRecord record(Instant time) {
    LogRecord.Builder record =
        LogRecord.newBuilder()
            .setSeverity(LogSeverity.INFO)
            .setTimestamp(
                Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(123_456_789));
    int head = record.buildPartial().getSerializedSize() + 2; // its tag and its length
    return record.setContent(ByteString.copyFromUtf8(content(RECORD_BYTES - head))).build();
  }

  /** A host's name. */
  static String host(int host) {
    return "vm" + host;
  }

  /** The same records as a host sends them by syslog, and as every server writes them. */
  static byte[] lines(int host, int records) {
    int bytes = record(FIRST).getContent().size();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < records; i++) {
      lines
          .append(USER_INFO)
          .append(RFC3164.format(time(i)))
          .append(' ')
          .append(host(host))
          .append(content(bytes))
          .append('\n');
    }
    return ascii(lines.toString());
  }

  /** A line as a VMM sends it, with the time and the facility that it writes itself. */
  static byte[] datagram() {
    String head = DAEMON_INFO + RFC3164.format(FIRST);
    return ascii(head + content(RECORD_BYTES - head.length()));
  }

  /** The same as every server writes it. */
  static byte[] datagramLine() {
    String head = DAEMON_INFO + RFC3164.format(FIRST);
    return ascii(head + " " + host(0) + content(RECORD_BYTES - head.length()) + "\n");
  }

  private static String content(int bytes) {
    if (bytes > CONTENT.length()) {
      throw new IllegalStateException("the content is to be " + bytes + " bytes");
    }
    return CONTENT.substring(0, bytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
