package org.vmlog.route;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BiConsumer;
import org.vmlog.identity.Generation;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineFormat;
import org.vmlog.record.LineRenderer;
import org.vmlog.record.LogEntry;
import org.vmlog.record.SourceLabel;
import org.vmlog.record.StartMark;

/**
 * Words what the forwarder itself says in a source's log, in that source's own format: drops, and a
 * VM's start. The facility is the forwarder's own, so no guest can write such a line. The renderer
 * is made when it is needed: most sources never lose anything. Confined to the pipe's writer.
 */
final class OwnLines {
  private static final int WARNING = 4;
  private static final int INFO = 6;

  private final LineStyle style;
  private final InstantSource clock;
  private final BiConsumer<DropReason, Long> listener;
  private volatile SourceLabel label;

  OwnLines(LineStyle style, SourceLabel label, InstantSource clock) {
    this(style, label, clock, (reason, count) -> {});
  }

  /**
   * The same.
   *
   * @param listener told of each line that stands
   */
  OwnLines(
      LineStyle style,
      SourceLabel label,
      InstantSource clock,
      BiConsumer<DropReason, Long> listener) {
    this.style = style;
    this.label = label;
    this.clock = clock;
    this.listener = listener;
  }

  /** Names the source from now on: a VM that was started again has another CID. */
  void label(SourceLabel label) {
    this.label = label;
  }

  /** The line that says how much was dropped, ready to be written. */
  ByteBuffer render(DropReason reason, long count) {
    return render(WARNING, clock.instant(), count + " " + reason.text());
  }

  /** Whether a line can say that it is the forwarder's; in ChromeOS's format none can. */
  boolean areMarked() {
    return style.format() != LineFormat.CHROMEOS;
  }

  /** The line that divides what the VM logs from now on from what it logged in former lives. */
  ByteBuffer render(Generation start) {
    return render(INFO, start.started(), StartMark.text(start.number()));
  }

  private ByteBuffer render(int severity, Instant time, String said) {
    LineRenderer renderer = style.newRenderer();
    LineBuffer out = new LineBuffer(1 << 10);
    renderer.received(time.getEpochSecond(), time.getNano());
    byte[] text = ("forwarder: " + said).getBytes(US_ASCII);
    LogEntry entry = new LogEntry();
    entry.set(severity, time.getEpochSecond(), time.getNano(), text, 0, text.length);
    while (!renderer.render(entry, Channel.FORWARDER, label, out)) {
      out.grow(2 * out.capacity());
    }
    return ByteBuffer.wrap(out.bytes(), 0, out.position());
  }

  /** The line stands. */
  void written(DropReason reason, long count) {
    listener.accept(reason, count);
  }
}
