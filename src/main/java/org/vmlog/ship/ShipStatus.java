package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.exposition.ShipFigures;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.WholeFile;

/**
 * Says how shipping goes: in the log when the engine's state changes, in a file for {@code vmlog
 * status}, which is written again every few seconds as a sign of life, and in figures for metrics.
 * Confined to one thread, but for {@link #figures}.
 */
final class ShipStatus {
  static final String FILE = "status";

  private static final Logger LOG = LoggerFactory.getLogger(ShipStatus.class);
  private static final LimitedLog FAULTS = LimitedLog.on(LOG);
  private static final long CHANGE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long ALIVE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int SHOWN_LOGS = 20;

  private static final String TOO_LARGE = "message-too-large";
  private static final String UNREADABLE = "file-unreadable";
  private static final String FULL = "buffers-full";

  /** All that it can be. */
  private static final List<String> STATES =
      Stream.concat(
              Arrays.stream(EngineState.Kind.values()).map(EngineState.Kind::toString),
              Stream.of(TOO_LARGE, UNREADABLE, FULL))
          .toList();

  private final Path directory;
  private volatile ShipFigures figures =
      figures(EngineState.CONNECTING.kind().toString(), new ShipCounters(), 0, 0, 0, 0);
  private EngineState state = EngineState.CONNECTING;
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
      List<String> blocked,
      List<String> unreadable) {
    EngineState now = engine.state();
    if (!now.equals(state)) {
      state = now;
      if (now.isReady()) {
        LOG.info("shipping to {}", engine.name());
      } else {
        LOG.warn("not shipping to {}: {}; {}", engine.name(), now.kind(), now.detail());
      }
    }
    String shown = shown(now, full, blocked, unreadable);
    counters.rejectedWithin = engine.rejectedRecords();
    figures = figures(shown, counters, logs, blocked.size(), unreadable.size(), behindBytes);
    long nanos = System.nanoTime();
    if (nanos - writtenAt >= CHANGE_NANOS) {
      write(text(engine.name(), now.detail(), figures, blocked, unreadable), nanos);
    }
  }

  /** How it went when it was told last. */
  ShipFigures figures() {
    return figures;
  }

  private static byte[] text(
      String engine,
      String detail,
      ShipFigures now,
      List<String> blocked,
      List<String> unreadable) {
    StringBuilder text = new StringBuilder();
    put(text, "engine", engine);
    put(text, "state", now.state());
    put(text, "detail", detail);
    put(text, "logs", now.logs());
    put(text, "behind_bytes", now.behindBytes());
    put(text, "records", now.records());
    put(text, "bytes", now.bytes());
    put(text, "shipments", now.shipments());
    put(text, "retries", now.retries());
    put(text, "too_large", now.tooLarge());
    put(text, "rejected", now.rejected());
    put(text, "gaps", now.gaps());
    put(text, "gap_bytes", now.gapBytes());
    put(text, "unreadable_files", now.unreadableFiles());
    unreadable.stream().limit(SHOWN_LOGS).forEach(file -> put(text, "unreadable", file));
    blocked.stream().sorted().limit(SHOWN_LOGS).forEach(log -> put(text, "too_large_in", log));
    return text.toString().getBytes(UTF_8);
  }

  private static void put(StringBuilder text, String key, Object value) {
    String line = value.toString().replaceAll("\\p{Cntrl}", " ");
    text.append(key).append(' ').append(line).append('\n');
  }

  private static ShipFigures figures(
      String state,
      ShipCounters counters,
      long logs,
      long blocked,
      long unreadable,
      long behindBytes) {
    return new ShipFigures(
        state,
        STATES,
        logs,
        blocked,
        unreadable,
        behindBytes,
        counters.records,
        counters.bytes,
        counters.shipments,
        counters.retries,
        counters.tooLarge,
        counters.rejected + counters.rejectedWithin,
        counters.gaps,
        counters.gapBytes,
        counters.acknowledgedMillis / 1000.0);
  }

  /** What is most in the way. */
  private static String shown(
      EngineState state, boolean full, List<String> blocked, List<String> unreadable) {
    if (!state.isReady()) {
      return state.kind().toString();
    }
    if (!blocked.isEmpty()) {
      return TOO_LARGE;
    }
    if (!unreadable.isEmpty()) {
      return UNREADABLE;
    }
    return full ? FULL : state.kind().toString();
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
