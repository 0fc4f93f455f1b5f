package org.vmlog.ship.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.LineView;
import org.vmlog.ship.Batch;
import org.vmlog.ship.BatchLines;
import org.vmlog.ship.Encoder;
import org.vmlog.ship.Gap;
import org.vmlog.ship.HostFacts;
import org.vmlog.ship.LogSource;
import org.vmlog.ship.RecordIds;
import org.vmlog.ship.Shipment;
import org.vmlog.ship.VmChannel;

/**
 * Encodes each line as a message of RFC 5424 behind its length, RFC 5425 section 4.3 and RFC 6587
 * section 3.4.1. A shipment is one run of bytes.
 *
 * <p>HOSTNAME is the VM's name; which host it is on stands in the structured data, with the id. As
 * in the forwarder's own files, APP-NAME, PROCID and MSGID are {@code -}, since only the guest
 * could tell them. Confined to one thread.
 */
public final class SyslogEncoder implements Encoder {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final int MAX_HOSTNAME = 255;
  private static final int SYSLOG_WARNING = 5 * 8 + 4;

  private final HostFacts host;
  private final RecordIds ids;
  private final BatchLines lines;
  private final InstantSource clock;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /**
   * @param zone in which the files' times are
   */
  public SyslogEncoder(HostFacts host, ZoneId zone, InstantSource clock) {
    this.host = host;
    this.ids = new RecordIds(host.id());
    this.lines = new BatchLines(zone, clock);
    this.clock = clock;
  }

  @Override
  public List<byte[]> encode(Shipment shipment) {
    out.reset();
    if (shipment instanceof Batch batch) {
      String prefix = new String(ids.prefix(batch.source(), batch.file()), UTF_8);
      lines.forEach(
          batch,
          (line, from, to) -> record(line, batch.source(), prefix + (batch.offset() + from)));
    } else if (shipment instanceof Gap gap) {
      String id = new String(ids.of(gap), UTF_8);
      byte[] text = gap.text().getBytes(UTF_8);
      String head = head(SYSLOG_WARNING, clock.instant(), gap.source(), VmChannel.SHIPPER, "", id);
      put(head, text, 0, text.length);
    }
    return List.of(out.toByteArray());
  }

  private void record(LineView line, LogSource source, String id) {
    Instant time = line.isTimed() ? Instant.EPOCH.plus(line.micros(), ChronoUnit.MICROS) : null;
    String cid = line.cid() == LineView.NONE ? "" : " cid=\"" + line.cid() + "\"";
    String head =
        head(
            line.facility() * 8 + line.severity(),
            time,
            source,
            VmChannel.of(line.facility()),
            cid,
            id);
    put(head, line.bytes(), line.contentFrom(), line.to() - line.contentFrom());
  }

  private String head(
      int pri, @Nullable Instant time, LogSource source, VmChannel channel, String cid, String id) {
    return "<%d>1 %s %s - - - [vm@32473 owner=\"%s\" name=\"%s\"%s channel=\"%s\" host=\"%s\" id=\"%s\"] "
        .formatted(
            pri,
            time == null ? "-" : TIME.format(time),
            hostname(source.name()),
            escape(source.owner()),
            escape(source.name()),
            cid,
            new String(channel.text(), UTF_8),
            escape(host.name()),
            escape(id));
  }

  private void put(String head, byte[] content, int offset, int length) {
    byte[] bytes = head.getBytes(UTF_8);
    out.writeBytes(((bytes.length + length) + " ").getBytes(UTF_8));
    out.writeBytes(bytes);
    out.write(content, offset, length);
  }

  private static String hostname(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9._-]", "_");
    String cut = safe.substring(0, Math.min(MAX_HOSTNAME, safe.length()));
    return cut.isEmpty() ? "vm" : cut;
  }

  /** RFC 5424 section 6.3.3, and nothing that ends a line. */
  private static String escape(String value) {
    return value.replaceAll("\\p{Cntrl}", "?").replaceAll("[\"\\\\\\]]", "\\\\$0");
  }
}
