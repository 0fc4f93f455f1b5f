package org.vmlog.route;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BiConsumer;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineRenderer;
import org.vmlog.record.LogEntry;
import org.vmlog.record.SourceLabel;

/**
 * Words a pipe's drops in its source's own format. Its renderer is made when it is needed: most
 * sources never lose anything. Confined to the pipe's writer.
 */
final class DropLine {
  private static final int WARNING = 4;

  private final LineStyle style;
  private final InstantSource clock;
  private final BiConsumer<DropReason, Long> listener;
  private volatile SourceLabel label;

  DropLine(LineStyle style, SourceLabel label, InstantSource clock) {
    this(style, label, clock, (reason, count) -> {});
  }

  /**
   * The same.
   *
   * @param listener told of each line that stands
   */
  DropLine(
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
    LineRenderer renderer = style.newRenderer();
    LineBuffer out = new LineBuffer(1 << 10);
    Instant now = clock.instant();
    renderer.received(now.getEpochSecond(), now.getNano());
    byte[] text = "forwarder: %s %s".formatted(count, reason.text()).getBytes(US_ASCII);
    LogEntry entry = new LogEntry();
    entry.set(WARNING, now.getEpochSecond(), now.getNano(), text, 0, text.length);
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
