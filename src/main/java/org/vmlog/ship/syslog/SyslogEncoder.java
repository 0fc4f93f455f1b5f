package org.vmlog.ship.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
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
import org.vmlog.ship.SyslogHead;
import org.vmlog.ship.VmChannel;

/**
 * Encodes each line as a message of RFC 5424 behind its length, RFC 5425 section 4.3 and RFC 6587
 * section 3.4.1. A shipment is one run of bytes. Confined to one thread.
 */
public final class SyslogEncoder implements Encoder {
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
      put(
          head(SYSLOG_WARNING, clock.instant(), gap.source(), VmChannel.SHIPPER, "", id),
          text,
          0,
          text.length);
    }
    return List.of(out.toByteArray());
  }

  private void record(LineView line, LogSource source, String id) {
    Instant time = line.isTimed() ? Instant.EPOCH.plus(line.micros(), ChronoUnit.MICROS) : null;
    String cid = line.cid() == LineView.NONE ? "" : Long.toString(line.cid());
    VmChannel channel = VmChannel.of(line.facility());
    SyslogHead head = head(line.facility() * 8 + line.severity(), time, source, channel, cid, id);
    put(head, line.bytes(), line.contentFrom(), line.to() - line.contentFrom());
  }

  private SyslogHead head(
      int pri, @Nullable Instant time, LogSource source, VmChannel channel, String cid, String id) {
    return new SyslogHead(pri, time, source.owner(), source.name(), cid, channel, host.name(), id);
  }

  private void put(SyslogHead head, byte[] content, int offset, int length) {
    byte[] bytes = head.bytes();
    out.writeBytes(((bytes.length + length) + " ").getBytes(UTF_8));
    out.writeBytes(bytes);
    out.write(content, offset, length);
  }
}
