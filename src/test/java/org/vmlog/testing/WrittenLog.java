package org.vmlog.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Executor;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;
import org.vmlog.record.Channel;
import org.vmlog.record.LineBuffer;
import org.vmlog.record.LineFormat;
import org.vmlog.record.LineRenderer;
import org.vmlog.record.LogEntry;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SourceLabel;
import org.vmlog.sink.DiskQuota;
import org.vmlog.sink.LogCompressor;
import org.vmlog.sink.LogDirectory;
import org.vmlog.sink.QuotaPolicy;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;
import org.vmlog.sink.VmLogFile;
import org.vmlog.sink.WriteResult;

/** A VM's log as the forwarder writes it, by its own renderer and sink. Confined to one thread. */
public final class WrittenLog implements AutoCloseable {
  private static final QuotaPolicy NONE = new QuotaPolicy(1L << 40, 1L << 41, 0);
  private static final int MAX_LINE_BYTES = 2 << 20;
  private static final int LEAST_URGENT = 0;

  private final VmLogFile file;
  private final LineRenderer renderer;
  private final SourceLabel label;
  private final LineBuffer buffer = new LineBuffer(MAX_LINE_BYTES);

  private WrittenLog(VmLogFile file, LineRenderer renderer, SourceLabel label) {
    this.file = file;
    this.renderer = renderer;
    this.label = label;
  }

  /** A log in the plain layout that is rotated only on request, and compressed at once. */
  public static WrittenLog in(Path folder, String owner, String name, LineFormat format)
      throws IOException {
    return in(folder, owner, name, format, 1 << 30, 100, Runnable::run);
  }

  /** The same with what rotates it, and compresses it in its own time. */
  public static WrittenLog in(
      Path folder,
      String owner,
      String name,
      LineFormat format,
      long maxSizeBytes,
      int keep,
      Executor compression)
      throws IOException {
    DiskQuota quota =
        DiskQuota.open(
            LogDirectory.open(folder, Layout.PLAIN, folder.resolveSibling("state")), NONE, keep);
    VmLogFile file =
        new VmLogFile(
            quota,
            new LogFileName(List.of(owner), name),
            new RotationPolicy(maxSizeBytes, Duration.ofDays(1000), keep, true),
            SyncMode.NEVER,
            new LogCompressor(compression));
    LineRenderer renderer =
        new LineRenderer(format, ScrubMode.STANDARD, ZoneId.systemDefault(), LEAST_URGENT);
    return new WrittenLog(file, renderer, SourceLabel.vm(owner, name, 42));
  }

  /** Writes a record. */
  public void say(Instant time, int severity, Channel channel, String content) {
    byte[] bytes = content.getBytes(UTF_8);
    LogEntry entry =
        new LogEntry().set(severity, time.getEpochSecond(), time.getNano(), bytes, 0, bytes.length);
    buffer.clear();
    if (!renderer.render(entry, channel, label, buffer)) {
      throw new IllegalArgumentException("too long for a test: " + bytes.length + " bytes");
    }
    write(ByteBuffer.wrap(buffer.bytes(), 0, buffer.position()));
  }

  /** Writes what no renderer would. */
  public void write(ByteBuffer lines) {
    int length = lines.remaining();
    WriteResult result = file.write(new ByteBuffer[] {lines});
    if (!result.equals(new WriteResult.Complete(length))) {
      throw new IllegalStateException("a test's disk refuses: " + result);
    }
  }

  /** Has a new file begun. */
  public void rotate() throws IOException {
    file.rotate();
  }

  @Override
  public void close() {
    file.close();
  }
}
