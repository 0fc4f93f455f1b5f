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
import org.vmlog.ship.Pieces;
import org.vmlog.ship.RecordIds;
import org.vmlog.ship.Shipment;
import org.vmlog.ship.SyslogHead;
import org.vmlog.ship.VmChannel;

/**
 * Encodes each line as a message of RFC 5424 behind its length, RFC 5425 section 4.3 and RFC 6587
 * section 3.4.1. A shipment is one run of bytes.
 *
 * <p>No message is longer than what the server takes. What a server does with one that is, differs:
 * some take the rest for another message, which would then be one that a guest has made up. So a
 * longer record is cut into pieces, never within a character, and each stands behind a head of ours
 * with its number. Confined to one thread.
 */
public final class SyslogEncoder implements Encoder {
  private static final int SYSLOG_WARNING = 5 * 8 + 4;

  /** For {@code part="1/2"} with as many digits as there can be. */
  private static final int PART_BYTES = 32;

  private final HostFacts host;
  private final RecordIds ids;
  private final BatchLines lines;
  private final InstantSource clock;
  private final int maxMessageBytes;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /**
   * @param zone in which the files' times are
   * @param maxMessageBytes of a message with its head, at least twice what a shortened head takes
   */
  public SyslogEncoder(HostFacts host, ZoneId zone, InstantSource clock, int maxMessageBytes) {
    if (maxMessageBytes < 2 * SyslogHead.SHORTENED_BYTES) {
      throw new IllegalArgumentException("messages of " + maxMessageBytes + " bytes");
    }
    this.maxMessageBytes = maxMessageBytes;
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

  private void put(SyslogHead whole, byte[] content, int offset, int length) {
    byte[] bytes = whole.bytes();
    if (bytes.length + length <= maxMessageBytes) {
      put(bytes, content, offset, length);
      return;
    }
    boolean roomy = bytes.length + PART_BYTES <= maxMessageBytes / 2;
    SyslogHead head = roomy ? whole : whole.shortened();
    int room = maxMessageBytes - head.bytes().length - PART_BYTES;
    int end = offset + length;
    List<Integer> cuts = Pieces.cuts(content, offset, end, room);
    int from = offset;
    for (int piece = 0; piece < cuts.size(); piece++) {
      int to = cuts.get(piece);
      put(head.bytes(Pieces.part(piece, cuts)), content, from, to - from);
      from = to;
    }
  }

  private void put(byte[] head, byte[] content, int offset, int length) {
    out.writeBytes(((head.length + length) + " ").getBytes(UTF_8));
    out.writeBytes(head);
    out.write(content, offset, length);
  }
}
