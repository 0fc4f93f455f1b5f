package org.vmlog.ship;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.Layout;
import org.vmlog.logs.ListedFile;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFileIds;
import org.vmlog.logs.LogFileName;
import org.vmlog.logs.LogListing;
import org.vmlog.platform.LimitedLog;

/**
 * Ships what is in the logs of one folder: looks for files, reads each log in turn, and moves its
 * cursor when the engine has acknowledged what was read.
 *
 * <p>Memory is bounded by how many bytes may be under way; what finds no room stays in its file.
 * All of it happens on the thread that calls {@link #run}; outcomes come from the engine's threads
 * by a queue, which holds no more than there are logs.
 */
final class Shipper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);
  private static final LimitedLog FAULTS = LimitedLog.on(LOG);

  private static final long SAVE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long SCAN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Somebody has to change a setting of the engine first. */
  private static final long BLOCKED_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** Looking at all logs, and for new ones, takes a tenth of the time at most. */
  private static final int SHARE = 10;

  /** A log's tail, and when it is to be looked at again. */
  private static final class Turn {
    final LogTail tail;
    long notBefore = System.nanoTime();
    long underWayBytes;
    boolean isDue;

    Turn(LogTail tail) {
      this.tail = tail;
    }
  }

  /** What the engine said of a log's shipment. */
  private record Answer(Turn turn, Shipment shipment, Outcome outcome) {}

  private final Path logs;
  private final LogListing listing;
  private final Set<Path> leftOut = new TreeSet<>();
  private final LogFileIds ids;
  private final Layout layout;
  private final Engine engine;
  private final CursorStore store;
  private final ShipStatus status;
  private final BatchBuffer buffer;
  private final long maxUnderWayBytes;
  private final Map<String, LogCursor> saved;
  private final Map<LogFileName, Turn> turns = new HashMap<>();
  private final Queue<Turn> due = new ArrayDeque<>();
  private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private final ShipCounters counters = new ShipCounters();
  private long underWayBytes;
  private boolean unsaved;
  private long savedAt;
  private long scanAt;
  private long pollAt;
  private volatile boolean stopping;

  /**
   * Reads the cursors.
   *
   * @param logs the folder with all logs
   * @param forwarderState where the ids of their files are
   * @param batchBytes of lines in one shipment
   * @param maxUnderWayBytes of lines that are not acknowledged
   */
  Shipper(
      Path logs,
      Path forwarderState,
      Layout layout,
      Engine engine,
      CursorStore store,
      ShipStatus status,
      int batchBytes,
      long maxUnderWayBytes)
      throws IOException {
    this.logs = logs;
    this.listing = new LogListing(logs, forwarderState, this::leftOut);
    this.ids = listing.ids();
    this.layout = layout;
    this.engine = engine;
    this.store = store;
    this.status = status;
    this.buffer = new BatchBuffer(batchBytes);
    this.maxUnderWayBytes = maxUnderWayBytes;
    this.saved = store.load();
    long now = System.nanoTime();
    savedAt = now;
    scanAt = now;
    pollAt = now;
  }

  /** Has {@link #run} end: what is under way is waited for, but not for longer. */
  void stop() {
    stopping = true;
  }

  /** Ships until it is stopped. */
  void run(Duration patience) throws InterruptedException {
    while (!stopping) {
      step();
    }
    long deadline = System.nanoTime() + patience.toNanos();
    while (underWayBytes > 0 && System.nanoTime() - deadline < 0) {
      take(answers.poll(POLL_NANOS, TimeUnit.NANOSECONDS));
    }
    save(true);
    tell();
  }

  private void step() throws InterruptedException {
    long now = System.nanoTime();
    if (now - scanAt >= 0) {
      scan();
      long took = System.nanoTime() - now;
      scanAt = now + Math.max(SCAN_NANOS, SHARE * took);
    }
    boolean polls = now - pollAt >= 0;
    if (polls) {
      turns.values().forEach(this::due);
    }
    send(now);
    if (polls) {
      pollAt = now + Math.max(POLL_NANOS, SHARE * (System.nanoTime() - now));
    }
    if (now - savedAt >= SAVE_NANOS) {
      savedAt = now;
      save(false);
      tell();
    }
    take(answers.poll(POLL_NANOS / 5, TimeUnit.NANOSECONDS));
  }

  /** Sends what is due, as long as there is room and somebody to send it to. */
  private void send(long now) {
    while (!due.isEmpty() && underWayBytes < maxUnderWayBytes && engine.isOpen()) {
      Turn turn = due.remove();
      turn.isDue = false;
      if (now - turn.notBefore >= 0) {
        turn.tail.next().ifPresent(shipment -> send(turn, shipment));
      }
    }
  }

  private void send(Turn turn, Shipment shipment) {
    turn.underWayBytes = shipment instanceof Batch batch ? batch.length() : 1;
    underWayBytes += turn.underWayBytes;
    engine.send(shipment, outcome -> answers.add(new Answer(turn, shipment, outcome)));
  }

  private void take(@Nullable Answer first) {
    for (Answer answer = first; answer != null; answer = answers.poll()) {
      Turn turn = answer.turn();
      underWayBytes -= turn.underWayBytes;
      turn.underWayBytes = 0;
      turn.notBefore = System.nanoTime();
      switch (answer.outcome()) {
        case ACKNOWLEDGED -> {
          counters.acknowledged(answer.shipment());
          turn.tail.acknowledged();
          unsaved = true;
        }
        case RETRY -> {
          counters.retries++;
          turn.tail.retry();
          turn.notBefore += RETRY_NANOS;
        }
        case TOO_LARGE -> {
          counters.tooLarge++;
          turn.tail.tooLarge();
          turn.notBefore += turn.tail.isBlocked() ? BLOCKED_NANOS : 0;
        }
        case REJECTED -> {
          if (turn.tail.rejected()) {
            counters.rejected(answer.shipment());
            unsaved = true;
          }
        }
      }
      due(turn);
    }
  }

  private void due(Turn turn) {
    if (!turn.isDue) {
      turn.isDue = true;
      due.add(turn);
    }
  }

  private void leftOut(Path path, Exception cause) {
    leftOut.add(path);
    FAULTS.warn("{} is left out, and all else is shipped: {}", path, cause.toString());
  }

  private void scan() {
    leftOut.clear();
    try {
      Map<LogFileName, Integer> logs = listing.logs();
      Set<Object> identities = new HashSet<>();
      Set<LogFileName> all = new HashSet<>(logs.keySet());
      all.addAll(turns.keySet());
      for (LogFileName name : all) {
        listing
            .files(name, logs.getOrDefault(name, 0))
            .ifPresent(
                files -> {
                  files.forEach(file -> identities.add(file.identity()));
                  listed(name, files);
                });
      }
      adoptLost(all);
      listing.retain(identities);
    } catch (IOException e) {
      FAULTS.warn("the log folder cannot be looked at: {}", e.toString());
    }
  }

  private void listed(LogFileName name, List<ListedFile> files) {
    Turn known = turns.get(name);
    if (known == null && files.isEmpty() && !saved.containsKey(source(name).path())) {
      return;
    }
    Turn turn = turns.computeIfAbsent(name, this::begin);
    try {
      turn.tail.listed(files);
    } catch (IOException e) {
      FAULTS.warn("{} cannot be looked at: {}", turn.tail.source().path(), e.toString());
    }
    if (turn.tail.isGone()) {
      turns.remove(name);
      saved.remove(turn.tail.source().path());
      turn.tail.close();
      unsaved = true;
    }
  }

  private LogSource source(LogFileName name) {
    return LogSource.of(layout, name);
  }

  private Turn begin(LogFileName name) {
    LogSource source = source(name);
    return new Turn(new LogTail(name, source, ids, saved.get(source.path()), buffer));
  }

  /** Logs that were being shipped by a former process, and of which nothing is there any more. */
  private void adoptLost(Set<LogFileName> there) {
    Set<String> paths = new HashSet<>();
    there.forEach(name -> paths.add(source(name).path()));
    for (String path : new ArrayList<>(saved.keySet())) {
      if (!paths.contains(path)) {
        listed(LogSource.log(layout, path), List.of());
      }
    }
  }

  private void save(boolean last) {
    try {
      if (unsaved) {
        saveAll();
      }
      store.sync(last);
    } catch (IOException e) {
      FAULTS.error("cannot save how far was shipped; a restart sends it again: {}", e.toString());
    }
  }

  private void saveAll() throws IOException {
    for (Turn turn : turns.values()) {
      LogCursor cursor = turn.tail.cursor();
      if (cursor != null) {
        saved.put(turn.tail.source().path(), cursor);
      }
    }
    store.save(new TreeMap<>(saved));
    unsaved = false;
  }

  private void tell() {
    long behind = 0;
    Set<Path> unreadable = new TreeSet<>(leftOut);
    List<String> blocked = new ArrayList<>();
    for (Turn turn : turns.values()) {
      behind += turn.tail.behindBytes();
      unreadable.addAll(turn.tail.unreadable());
      if (turn.tail.isBlocked()) {
        blocked.add(turn.tail.source().path());
      }
    }
    List<String> bad = unreadable.stream().map(path -> logs.relativize(path).toString()).toList();
    boolean full = underWayBytes >= maxUnderWayBytes;
    status.tell(engine, counters, turns.size(), behind, full, blocked, bad);
  }

  @Override
  public void close() {
    turns.values().forEach(turn -> turn.tail.close());
    engine.close();
  }
}
