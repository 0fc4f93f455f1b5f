package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.record.Channel;
import org.vmlog.record.FileLine;

/**
 * Encodes each line as a JSON object of its own, with journalctl's names where it has them; all
 * values are strings, as journalctl's are. Confined to one thread.
 */
public final class JsonEncoder implements Encoder {
  private static final int WARNING = 4;

  private final HostFacts host;
  private final RecordIds ids;
  private final FileLine line;
  private final InstantSource clock;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /**
   * @param zone in which the files' times are
   */
  public JsonEncoder(HostFacts host, ZoneId zone, InstantSource clock) {
    this.host = host;
    this.ids = new RecordIds(host.id());
    this.line = new FileLine(zone, clock);
    this.clock = clock;
  }

  @Override
  public List<byte[]> encode(Shipment shipment) {
    List<byte[]> messages = new ArrayList<>();
    if (shipment instanceof Batch batch) {
      String prefix = new String(ids.prefix(batch.source(), batch.file()), UTF_8);
      batch.forEach(
          (from, to) -> messages.add(record(batch, prefix + (batch.offset() + from), from, to)));
    } else if (shipment instanceof Gap gap) {
      messages.add(gap(gap));
    }
    return messages;
  }

  private byte[] record(Batch batch, String id, int from, int to) {
    line.parse(batch.text(), from, to);
    begin(id, batch.source());
    if (line.isTimed()) {
      put("__REALTIME_TIMESTAMP", Long.toString(micros(line.seconds(), line.nanos())));
    }
    put("PRIORITY", Integer.toString(line.severity()));
    put("SYSLOG_FACILITY", Integer.toString(line.facility()));
    put("VM_CHANNEL", new String(VmChannel.of(line.facility()).text(), UTF_8));
    if (line.cid() != FileLine.NO_CID) {
      put("VM_CID", Long.toString(line.cid()));
    }
    put("MESSAGE", new String(batch.text(), line.contentOffset(), line.contentLength(), UTF_8));
    return end();
  }

  private byte[] gap(Gap gap) {
    Instant now = clock.instant();
    begin(new String(ids.of(gap), UTF_8), gap.source());
    put("__REALTIME_TIMESTAMP", Long.toString(micros(now.getEpochSecond(), now.getNano())));
    put("PRIORITY", Integer.toString(WARNING));
    put("SYSLOG_FACILITY", Integer.toString(Channel.FORWARDER.facility()));
    put("VM_CHANNEL", new String(VmChannel.SHIPPER.text(), UTF_8));
    put("MESSAGE", gap.text());
    return end();
  }

  private void begin(String id, LogSource source) {
    out.reset();
    put("ID", id);
    put("HOST_ID", host.id());
    put("HOSTNAME", host.name());
    put("VM_OWNER", source.owner());
    put("VM_NAME", source.name());
  }

  private byte[] end() {
    out.write('}');
    return out.toByteArray();
  }

  private void put(String key, String value) {
    out.write(out.size() == 0 ? '{' : ',');
    quote(key);
    out.write(':');
    quote(value);
  }

  /** RFC 8259, section 7. */
  private void quote(String text) {
    out.write('"');
    for (byte b : text.getBytes(UTF_8)) {
      if (b == '"' || b == '\\') {
        out.write('\\');
        out.write(b);
      } else if (b >= 0 && b < ' ') {
        out.writeBytes("\\u%04x".formatted(b).getBytes(UTF_8));
      } else {
        out.write(b);
      }
    }
    out.write('"');
  }

  private static long micros(long seconds, int nanos) {
    return seconds * 1_000_000 + nanos / 1000;
  }
}
