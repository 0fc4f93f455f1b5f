package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineView;
import org.vmlog.record.Severity;
import org.vmlog.record.Varints;

/**
 * Encodes shipments as OpenTelemetry's {@code LogsData} (opentelemetry/proto/logs/v1/logs.proto,
 * 1.10.0), which on the wire is also OTLP's {@code ExportLogsServiceRequest}: one resource, the VM
 * on this host; one scope; a record for each line. There is no object for each record.
 *
 * <p>One line whose message would be larger than is allowed comes in pieces, a message each, which
 * have its id and say which they are: {@code vm.part} is {@code 2/3}.
 *
 * <p>A message stands behind its length, so what is inside is put together first: records into one
 * buffer, then all of it behind its heads. Confined to one thread.
 */
public final class OtlpEncoder implements Encoder {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;

  private static final int RESOURCE_LOGS = tag(1, LENGTH);
  private static final int RESOURCE = tag(1, LENGTH);
  private static final int SCOPE_LOGS = tag(2, LENGTH);
  private static final int SCHEMA_URL = tag(3, LENGTH);
  private static final int RESOURCE_ATTRIBUTES = tag(1, LENGTH);
  private static final int SCOPE = tag(1, LENGTH);
  private static final int SCOPE_NAME = tag(1, LENGTH);
  private static final int LOG_RECORDS = tag(2, LENGTH);
  private static final int TIME = tag(1, FIXED64);
  private static final int SEVERITY_NUMBER = tag(2, VARINT);
  private static final int SEVERITY_TEXT = tag(3, LENGTH);
  private static final int BODY = tag(5, LENGTH);
  private static final int ATTRIBUTES = tag(6, LENGTH);
  private static final int OBSERVED_TIME = tag(11, FIXED64);
  private static final int KEY = tag(1, LENGTH);
  private static final int VALUE = tag(2, LENGTH);
  private static final int STRING_VALUE = tag(1, LENGTH);
  private static final int INT_VALUE = tag(3, VARINT);

  private static final byte[] UID = "log.record.uid".getBytes(UTF_8);
  private static final byte[] CHANNEL = "vm.channel".getBytes(UTF_8);
  private static final byte[] CID = "vm.cid".getBytes(UTF_8);
  private static final byte[] PART = "vm.part".getBytes(UTF_8);
  private static final byte[] WHOLE = {};
  private static final int MAX_DIGITS = 19;

  /** Which version of the semantic conventions the attributes' names are of. */
  private static final byte[] SCHEMA = "https://opentelemetry.io/schemas/1.37.0".getBytes(UTF_8);

  /** More than a message has besides its resource, and its one record's id and body. */
  private static final int MESSAGE_HEAD_BYTES = 512;

  private static final int MIN_PIECE = 1024;

  /** More than what a record has besides its id and its body. */
  private static final int HEAD_BYTES = 192;

  private final HostFacts host;
  private final String serviceName;
  private final int maxMessageBytes;
  private final RecordIds ids;
  private final BatchLines lines;
  private final InstantSource clock;
  private final Map<LogSource, byte[]> resources = new HashMap<>();
  private final LineBuffer records = new LineBuffer(64 << 10);
  private final LineBuffer attributes = new LineBuffer(HEAD_BYTES);
  private final byte[] scope;
  private byte[] uid = {};
  private byte[] part = WHOLE;

  /**
   * @param serviceName with {@code {owner}}, {@code {name}} and {@code {host}} for the VM's
   * @param zone in which the files' times are
   * @param maxMessageBytes of a message
   */
  public OtlpEncoder(
      HostFacts host, String serviceName, ZoneId zone, InstantSource clock, int maxMessageBytes) {
    this.host = host;
    this.serviceName = serviceName;
    this.maxMessageBytes = maxMessageBytes;
    this.ids = new RecordIds(host.id());
    this.lines = new BatchLines(zone, clock);
    this.clock = clock;
    byte[] name = "vmlog-ship".getBytes(UTF_8);
    LineBuffer out = new LineBuffer(64);
    putBytes(out, SCOPE_NAME, name, 0, name.length);
    this.scope = Arrays.copyOf(out.bytes(), out.position());
  }

  @Override
  public List<byte[]> encode(Shipment shipment) {
    Instant now = clock.instant();
    long observed = nanos(now.getEpochSecond(), now.getNano());
    byte[] resource = resources.computeIfAbsent(shipment.source(), this::resource);
    List<byte[]> messages = new ArrayList<>();
    records.clear();
    part = WHOLE;
    if (shipment instanceof Batch batch) {
      byte[] prefix = ids.prefix(batch.source(), batch.file());
      int room =
          batch.count() > 1
              ? Integer.MAX_VALUE
              : maxMessageBytes - resource.length - prefix.length - MESSAGE_HEAD_BYTES;
      lines.forEach(
          batch,
          (line, from, to) -> {
            int uidBytes = putUid(prefix, batch.offset() + from);
            record(line, uidBytes, observed, room, () -> messages.add(wrap(resource)));
          });
    } else if (shipment instanceof Gap gap) {
      uid = ids.of(gap);
      byte[] text = gap.text().getBytes(UTF_8);
      put(
          observed,
          observed,
          Severity.WARNING.number(),
          VmChannel.SHIPPER,
          LineView.NONE,
          uid.length,
          text,
          0,
          text.length);
    }
    messages.add(wrap(resource));
    return messages;
  }

  /**
   * Puts a line's record; of one that is longer than there is room for, pieces.
   *
   * @param full what is to become of a piece that is not the last
   */
  private void record(LineView line, int uidBytes, long observed, int room, Runnable full) {
    byte[] body = line.bytes();
    int offset = line.contentFrom();
    int length = line.to() - offset;
    byte[] valid = Utf8Text.replaced(body, offset, length);
    if (valid != null) {
      body = valid;
      offset = 0;
      length = valid.length;
    }
    List<Integer> cuts = Pieces.cuts(body, offset, offset + length, Math.max(MIN_PIECE, room));
    int from = offset;
    for (int piece = 0; piece < cuts.size(); piece++) {
      if (piece > 0) {
        full.run();
        records.clear();
      }
      part = Pieces.part(piece, cuts).getBytes(UTF_8);
      int to = cuts.get(piece);
      put(
          line.isTimed() ? line.micros() * 1000 : 0,
          observed,
          line.severity(),
          VmChannel.of(line.facility()),
          line.cid(),
          uidBytes,
          body,
          from,
          to - from);
      from = to;
    }
  }

  private int putUid(byte[] prefix, long offset) {
    if (uid.length < prefix.length + MAX_DIGITS) {
      uid = new byte[prefix.length + MAX_DIGITS];
    }
    System.arraycopy(prefix, 0, uid, 0, prefix.length);
    int digits = 1;
    for (long rest = offset / 10; rest > 0; rest /= 10) {
      digits++;
    }
    long rest = offset;
    for (int at = prefix.length + digits - 1; at >= prefix.length; at--) {
      uid[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return prefix.length + digits;
  }

  private void put(
      long time,
      long observed,
      int severity,
      VmChannel channel,
      long cid,
      int uidBytes,
      byte[] body,
      int offset,
      int length) {
    attributes.clear();
    grow(attributes, uidBytes + HEAD_BYTES);
    putAttribute(attributes, ATTRIBUTES, UID, uid, uidBytes);
    putAttribute(attributes, ATTRIBUTES, CHANNEL, channel.text(), channel.text().length);
    if (cid != LineView.NONE) {
      int value = 1 + Varints.size(cid);
      beginAttribute(attributes, ATTRIBUTES, CID, value);
      Varints.put(attributes, INT_VALUE);
      Varints.put(attributes, cid);
    }
    if (part.length > 0) {
      putAttribute(attributes, ATTRIBUTES, PART, part, part.length);
    }
    int anyValue = 1 + Varints.size(length) + length;
    int bytes =
        (time == 0 ? 0 : 9)
            + 2
            + 2
            + OtlpSeverity.text(severity).length
            + 1
            + Varints.size(anyValue)
            + anyValue
            + attributes.position()
            + 9;
    grow(records, bytes + 6);
    Varints.put(records, LOG_RECORDS);
    Varints.put(records, bytes);
    if (time != 0) {
      putFixed(records, TIME, time);
    }
    Varints.put(records, SEVERITY_NUMBER);
    Varints.put(records, OtlpSeverity.number(severity));
    putBytes(
        records, SEVERITY_TEXT, OtlpSeverity.text(severity), 0, OtlpSeverity.text(severity).length);
    Varints.put(records, BODY);
    Varints.put(records, anyValue);
    putBytes(records, STRING_VALUE, body, offset, length);
    records.put(attributes.bytes(), 0, attributes.position());
    putFixed(records, OBSERVED_TIME, observed);
  }

  private byte[] wrap(byte[] resource) {
    int scopeLogs = 1 + Varints.size(scope.length) + scope.length + records.position();
    int resourceLogs =
        1
            + Varints.size(resource.length)
            + resource.length
            + 1
            + Varints.size(scopeLogs)
            + scopeLogs
            + 1
            + Varints.size(SCHEMA.length)
            + SCHEMA.length;
    LineBuffer out = new LineBuffer(1 + Varints.size(resourceLogs) + resourceLogs);
    Varints.put(out, RESOURCE_LOGS);
    Varints.put(out, resourceLogs);
    putBytes(out, RESOURCE, resource, 0, resource.length);
    Varints.put(out, SCOPE_LOGS);
    Varints.put(out, scopeLogs);
    putBytes(out, SCOPE, scope, 0, scope.length);
    out.put(records.bytes(), 0, records.position());
    putBytes(out, SCHEMA_URL, SCHEMA, 0, SCHEMA.length);
    return out.bytes();
  }

  private byte[] resource(LogSource source) {
    LineBuffer out = new LineBuffer(256);
    Map<String, String> facts =
        new TreeMap<>(
            Map.of(
                "host.id", host.id(),
                "host.name", host.name(),
                "service.name", serviceName(source),
                "service.instance.id", ids.key(source),
                "vm.owner", source.owner(),
                "vm.name", source.name()));
    facts.forEach(
        (key, value) -> {
          byte[] bytes = value.getBytes(UTF_8);
          grow(out, bytes.length + HEAD_BYTES);
          putAttribute(out, RESOURCE_ATTRIBUTES, key.getBytes(UTF_8), bytes, bytes.length);
        });
    return Arrays.copyOf(out.bytes(), out.position());
  }

  private String serviceName(LogSource source) {
    return serviceName
        .replace("{owner}", source.owner())
        .replace("{name}", source.name())
        .replace("{host}", host.name());
  }

  private static void putAttribute(
      LineBuffer out, int field, byte[] key, byte[] value, int length) {
    beginAttribute(out, field, key, 1 + Varints.size(length) + length);
    putBytes(out, STRING_VALUE, value, 0, length);
  }

  /** A KeyValue up to where the fields of its AnyValue come. */
  private static void beginAttribute(LineBuffer out, int field, byte[] key, int anyValue) {
    Varints.put(out, field);
    Varints.put(
        out, 1 + Varints.size(key.length) + key.length + 1 + Varints.size(anyValue) + anyValue);
    putBytes(out, KEY, key, 0, key.length);
    Varints.put(out, VALUE);
    Varints.put(out, anyValue);
  }

  private static void putBytes(LineBuffer out, int tag, byte[] bytes, int offset, int length) {
    Varints.put(out, tag);
    Varints.put(out, length);
    out.put(bytes, offset, length);
  }

  private static void putFixed(LineBuffer out, int tag, long value) {
    Varints.put(out, tag);
    ByteBuffer.wrap(out.bytes()).order(ByteOrder.LITTLE_ENDIAN).putLong(out.position(), value);
    out.position(out.position() + Long.BYTES);
  }

  private static void grow(LineBuffer out, int more) {
    if (out.remaining() < more) {
      out.grow(Math.max(2 * out.capacity(), out.position() + more));
    }
  }

  private static long nanos(long seconds, int nanos) {
    return seconds * 1_000_000_000L + nanos;
  }

  private static int tag(int number, int type) {
    return number << 3 | type;
  }
}
