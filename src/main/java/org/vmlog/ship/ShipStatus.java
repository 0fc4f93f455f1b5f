package org.vmlog.ship;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;

/**
 * Says how shipping goes: in the log when the engine's state changes, and in a file for {@code
 * vmlog status} and the forwarder, which is written again every few seconds as a sign of life.
 * Confined to one thread.
 */
final class ShipStatus {
  static final String FILE = "status";

  private static final Logger LOG = LoggerFactory.getLogger(ShipStatus.class);
  private static final LimitedLog FAULTS = LimitedLog.on(LOG);
  private static final long CHANGE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long ALIVE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int SHOWN_LOGS = 20;

  private final Path directory;
  private EngineState state = new EngineState(EngineState.Kind.CONNECTING, "");
  private byte[] written = {};
  private long writtenAt;

  ShipStatus(Path directory) {
    this.directory = directory;
    this.writtenAt = System.nanoTime() - ALIVE_NANOS;
  }

  /** Takes notice of how it goes now. */
  void tell(
      Engine engine,
      ShipCounters counters,
      int logs,
      long behindBytes,
      boolean full,
      List<String> blocked) {
    EngineState now = engine.state();
    if (!now.equals(state)) {
      state = now;
      if (now.isReady()) {
        LOG.info("shipping to {}", engine.name());
      } else {
        LOG.warn("not shipping to {}: {}; {}", engine.name(), now.kind(), now.detail());
      }
    }
    long nanos = System.nanoTime();
    if (nanos - writtenAt < CHANGE_NANOS) {
      return;
    }
    StatusText text = new StatusText();
    text.put("engine", engine.name());
    text.put("state", shown(now, full, blocked));
    text.put("detail", now.detail());
    text.put("logs", logs);
    text.put("behind_bytes", behindBytes);
    counters.describe(text);
    blocked.stream().sorted().limit(SHOWN_LOGS).forEach(log -> text.put("too_large_in", log));
    write(text.bytes(), nanos);
  }

  /** What is most in the way. */
  private static String shown(EngineState state, boolean full, List<String> blocked) {
    if (!state.isReady()) {
      return state.kind().toString();
    }
    if (!blocked.isEmpty()) {
      return "message-too-large";
    }
    return full ? "buffers-full" : state.kind().toString();
  }

  private void write(byte[] text, long nanos) {
    if (Arrays.equals(text, written) && nanos - writtenAt < ALIVE_NANOS) {
      return;
    }
    try (PrivateFolder folder = PrivateFolder.open(directory, List.of())) {
      WholeFile.replaceUnsynced(folder, FILE, WholeFile.Readers.GROUP, text);
      written = text;
      writtenAt = nanos;
    } catch (IOException e) {
      FAULTS.warn("cannot write how shipping goes: {}", e.toString());
    }
  }
}
