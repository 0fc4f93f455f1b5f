package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.vmlog.record.Channel;
import org.vmlog.record.LineView;

/**
 * Encodes each line as a JSON object of its own, with journalctl's names where it has them; all
 * values are strings, as journalctl's are. A line whose object would be larger than a message may
 * be comes in pieces, with {@code VM_PART}. Confined to one thread.
 */
public final class JsonEncoder implements Encoder {
  private static final int WARNING = 4;

  /** More than an object has besides its head and its text, with {@code "VM_PART":"1/2"}. */
  private static final int TAIL_BYTES = 64;

  private static final int MIN_PIECE = 1024;

  /** What a byte becomes between quotes at most. */
  private static final int MAX_QUOTED = 6;

  private static final byte[] ESCAPE = "\\u00".getBytes(UTF_8);

  private final HostFacts host;
  private final RecordIds ids;
  private final BatchLines lines;
  private final InstantSource clock;
  private final int maxMessageBytes;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /**
   * @param zone in which the files' times are
   * @param maxMessageBytes of a message
   */
  public JsonEncoder(HostFacts host, ZoneId zone, InstantSource clock, int maxMessageBytes) {
    this.host = host;
    this.ids = new RecordIds(host.id());
    this.lines = new BatchLines(zone, clock);
    this.clock = clock;
    this.maxMessageBytes = maxMessageBytes;
  }

  @Override
  public List<byte[]> encode(Shipment shipment) {
    List<byte[]> messages = new ArrayList<>();
    if (shipment instanceof Batch batch) {
      String prefix = new String(ids.prefix(batch.source(), batch.file()), UTF_8);
      lines.forEach(
          batch,
          (line, from, to) ->
              record(batch.source(), prefix + (batch.offset() + from), line, messages));
    } else if (shipment instanceof Gap gap) {
      messages.add(gap(gap));
    }
    return messages;
  }

  private void record(LogSource source, String id, LineView line, List<byte[]> messages) {
    begin(id, source);
    if (line.isTimed()) {
      put("__REALTIME_TIMESTAMP", Long.toString(line.micros()));
    }
    put("PRIORITY", Integer.toString(line.severity()));
    put("SYSLOG_FACILITY", Integer.toString(line.facility()));
    put("VM_CHANNEL", new String(VmChannel.of(line.facility()).text(), UTF_8));
    if (line.cid() != LineView.NONE) {
      put("VM_CID", Long.toString(line.cid()));
    }
    byte[] head = out.toByteArray();
    byte[] text = line.content().getBytes(UTF_8);
    int room = Math.max(MIN_PIECE, maxMessageBytes - head.length - TAIL_BYTES);
    List<Integer> cuts =
        Pieces.cuts(text, 0, text.length, room, MAX_QUOTED, JsonEncoder::quotedSize);
    int from = 0;
    for (int piece = 0; piece < cuts.size(); piece++) {
      int to = cuts.get(piece);
      out.reset();
      out.writeBytes(head);
      if (cuts.size() > 1) {
        put("VM_PART", Pieces.part(piece, cuts));
      }
      put("MESSAGE", text, from, to);
      messages.add(end());
      from = to;
    }
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
    byte[] text = value.getBytes(UTF_8);
    put(key, text, 0, text.length);
  }

  private void put(String key, byte[] value, int from, int to) {
    byte[] name = key.getBytes(UTF_8);
    out.write(out.size() == 0 ? '{' : ',');
    quote(name, 0, name.length);
    out.write(':');
    quote(value, from, to);
  }

  /** RFC 8259, section 7. */
  private void quote(byte[] text, int from, int to) {
    out.write('"');
    for (int at = from; at < to; at++) {
      byte one = text[at];
      switch (quotedSize(one)) {
        case 2 -> {
          out.write('\\');
          out.write(one);
        }
        case MAX_QUOTED -> {
          out.writeBytes(ESCAPE);
          out.write(Character.forDigit(one >> 4, 16));
          out.write(Character.forDigit(one & 15, 16));
        }
        default -> out.write(one);
      }
    }
    out.write('"');
  }

  /** How many bytes a byte becomes between quotes. */
  private static int quotedSize(int one) {
    if (one == '"' || one == '\\') {
      return 2;
    }
    return one >= 0 && one < ' ' ? MAX_QUOTED : 1;
  }

  private static long micros(long seconds, int nanos) {
    return seconds * 1_000_000 + nanos / 1000;
  }
}
