package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.vmlog.logs.Layout;
import org.vmlog.logs.ListedFile;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFileName;
import org.vmlog.logs.LogListing;
import org.vmlog.sink.DiskQuota;
import org.vmlog.sink.LogCompressor;
import org.vmlog.sink.LogDirectory;
import org.vmlog.sink.QuotaPolicy;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;
import org.vmlog.sink.VmLogFile;
import org.vmlog.sink.WriteResult;

/** Logs of VMs of alice's, written, rotated and compressed by the forwarder's own sink. */
final class SinkLogs implements AutoCloseable {
  static final String OWNER = "alice";

  final Path directory;
  final Path state;
  private final int keep;
  private final DiskQuota quota;
  private final Executor background;
  private final Map<String, VmLogFile> files = new HashMap<>();

  SinkLogs(Path folder, int keep, Executor background) throws IOException {
    this.directory = folder.resolve("logs");
    this.state = folder.resolve("state");
    this.keep = keep;
    this.background = background;
    this.quota =
        DiskQuota.open(
            LogDirectory.open(directory, Layout.PLAIN, state),
            new QuotaPolicy(1 << 30, 1 << 30, 0),
            keep);
  }

  static LogFileName name(String vm) {
    return new LogFileName(List.of(OWNER), vm);
  }

  LogListing listing() {
    return new LogListing(directory, state, (path, cause) -> {});
  }

  Path file(String vm, String ending) {
    return directory.resolve(OWNER).resolve(vm + ".log" + ending);
  }

  /** Writes lines as they are, each of which ends in a newline. */
  void write(String vm, String lines) {
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    ByteBuffer[] buffers = {ByteBuffer.allocateDirect(bytes.length).put(bytes).flip()};
    assertThat(log(vm).write(buffers)).isEqualTo(new WriteResult.Complete(bytes.length));
  }

  void rotate(String vm) throws IOException {
    log(vm).rotate();
  }

  /** The ids of a VM's files, the oldest first. */
  List<Long> ids(String vm) throws IOException {
    return listing().files(name(vm), 1000).orElseThrow().stream().map(ListedFile::id).toList();
  }

  /** Whether all that was written was acknowledged, by the cursors that a shipper saved. */
  boolean areAcknowledged(Path shipState) throws IOException {
    Map<String, LogCursor> cursors = new CursorStore(shipState).load();
    for (String vm : files.keySet()) {
      List<ListedFile> there = listing().files(name(vm), 1000).orElse(List.of());
      LogCursor cursor = cursors.get(OWNER + "/" + vm);
      ListedFile newest = there.isEmpty() ? null : there.get(there.size() - 1);
      if (newest == null
          || cursor == null
          || cursor.file() != newest.id()
          || cursor.offset() != newest.bytes()) {
        return false;
      }
    }
    return true;
  }

  private VmLogFile log(String vm) {
    return files.computeIfAbsent(
        vm,
        missing ->
            new VmLogFile(
                quota,
                name(vm),
                new RotationPolicy(1 << 28, Duration.ofDays(1), keep, true),
                SyncMode.NEVER,
                new LogCompressor(background)));
  }

  @Override
  public void close() {
    files.values().forEach(VmLogFile::close);
  }
}
