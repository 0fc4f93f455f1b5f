package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.vmlog.logs.LogName;
import org.vmlog.record.LineParser;
import org.vmlog.record.YearRecovery;
import org.vmlog.view.LogLine;

/**
 * Reads OpenTelemetry's {@code LogsData} as {@link OtlpEncoder} writes it, and makes lines of RFC
 * 5424 of it, which a viewer can show. What others have put there is passed over where it has no
 * meaning here. Confined to one thread.
 */
public final class LogsDataReader {
  private static final int RESOURCE_LOGS = field(1);
  private static final int RESOURCE = field(1);
  private static final int SCOPE_LOGS = field(2);
  private static final int RESOURCE_ATTRIBUTES = field(1);
  private static final int LOG_RECORDS = field(2);
  private static final int TIME = 1 << 3 | WireFormat.WIRETYPE_FIXED64;
  private static final int SEVERITY_NUMBER = 2 << 3 | WireFormat.WIRETYPE_VARINT;
  private static final int BODY = field(5);
  private static final int ATTRIBUTES = field(6);
  private static final int OBSERVED_TIME = 11 << 3 | WireFormat.WIRETYPE_FIXED64;
  private static final int KEY = field(1);
  private static final int VALUE = field(2);
  private static final int STRING_VALUE = field(1);
  private static final int INT_VALUE = 3 << 3 | WireFormat.WIRETYPE_VARINT;

  private static final long NANOS = 1_000_000_000;

  private final LineParser parser;

  public LogsDataReader(InstantSource clock) {
    this.parser = new LineParser(new YearRecovery(ZoneOffset.UTC, clock.instant()));
  }

  /** Takes a field of a message of protobuf's; what it does not read is skipped. */
  private interface Field {
    boolean read(int tag, CodedInputStream in) throws IOException;
  }

  /**
   * Hands over each record of a message, in order.
   *
   * @throws IOException if that is no such message; some of it may have been handed over
   */
  public void read(byte[] message, Consumer<FleetLine> lines) throws IOException {
    forEach(message, RESOURCE_LOGS, logs -> resourceLogs(logs, lines));
  }

  private void resourceLogs(byte[] message, Consumer<FleetLine> lines) throws IOException {
    Map<String, String> resource = new HashMap<>();
    forEach(
        message,
        RESOURCE,
        one -> forEach(one, RESOURCE_ATTRIBUTES, attribute -> put(attribute, resource)));
    forEach(
        message,
        SCOPE_LOGS,
        scope -> forEach(scope, LOG_RECORDS, log -> lines.accept(line(resource, log))));
  }

  private FleetLine line(Map<String, String> resource, byte[] message) throws IOException {
    Map<String, String> attributes = new HashMap<>();
    long[] times = {0, 0};
    int[] severity = {0};
    String[] body = {""};
    fields(
        message,
        (tag, in) -> {
          if (tag == TIME) {
            times[0] = in.readFixed64();
          } else if (tag == OBSERVED_TIME) {
            times[1] = in.readFixed64();
          } else if (tag == SEVERITY_NUMBER) {
            severity[0] = in.readEnum();
          } else if (tag == BODY) {
            body[0] = text(in.readByteArray());
          } else if (tag == ATTRIBUTES) {
            put(in.readByteArray(), attributes);
          } else {
            return false;
          }
          return true;
        });
    long time = times[0] == 0 ? times[1] : times[0];
    VmChannel channel = VmChannel.of(attributes.getOrDefault("vm.channel", ""));
    LogName log =
        new LogName(
            resource.getOrDefault("host.name", ""),
            resource.getOrDefault("vm.owner", ""),
            resource.getOrDefault("vm.name", ""));
    String uid = attributes.getOrDefault("log.record.uid", "");
    String part = attributes.getOrDefault("vm.part", "");
    String id = part.isEmpty() ? uid : uid + "#" + part;
    SyslogHead head =
        new SyslogHead(
            channel.facility() * 8 + OtlpSeverity.ofNumber(severity[0]),
            Instant.ofEpochSecond(time / NANOS, time % NANOS),
            log.owner(),
            log.name(),
            attributes.getOrDefault("vm.cid", ""),
            channel,
            log.host(),
            uid);
    byte[] bytes = join(head.bytes(part), body[0].replace('\n', ' ').getBytes(UTF_8));
    return new FleetLine(id, new LogLine(log, parser.parse(bytes, 0, bytes.length).copy()));
  }

  private static byte[] join(byte[] head, byte[] body) {
    byte[] line = new byte[head.length + body.length];
    System.arraycopy(head, 0, line, 0, head.length);
    System.arraycopy(body, 0, line, head.length, body.length);
    return line;
  }

  private static void put(byte[] keyValue, Map<String, String> into) throws IOException {
    String[] pair = {"", ""};
    fields(
        keyValue,
        (tag, in) -> {
          if (tag == KEY) {
            pair[0] = in.readString();
          } else if (tag == VALUE) {
            pair[1] = text(in.readByteArray());
          } else {
            return false;
          }
          return true;
        });
    into.put(pair[0], pair[1]);
  }

  /** Of an AnyValue; other kinds than strings and numbers are empty. */
  private static String text(byte[] anyValue) throws IOException {
    String[] text = {""};
    fields(
        anyValue,
        (tag, in) -> {
          if (tag == STRING_VALUE) {
            text[0] = in.readString();
          } else if (tag == INT_VALUE) {
            text[0] = Long.toString(in.readInt64());
          } else {
            return false;
          }
          return true;
        });
    return text[0];
  }

  /** Takes a message within a message. */
  private interface Part {
    void read(byte[] message) throws IOException;
  }

  private static void forEach(byte[] message, int wanted, Part part) throws IOException {
    fields(
        message,
        (tag, in) -> {
          if (tag == wanted) {
            part.read(in.readByteArray());
          }
          return tag == wanted;
        });
  }

  private static void fields(byte[] message, Field field) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!field.read(tag, in)) {
        in.skipField(tag);
      }
    }
  }

  private static int field(int number) {
    return number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }
}
