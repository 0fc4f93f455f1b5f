package org.vmlog.view;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFile;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogName;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.view.query.LineFilter;

/**
 * Follows logs as they grow, in the order in which lines come. VMs that come later join, however
 * many there are. Confined to one thread, but for {@link #stop}.
 */
public final class Follower implements AutoCloseable {
  /** What inotify has missed, and sockets, are seen then. */
  private static final Duration LOOK_AT_ALL = Duration.ofSeconds(1);

  /** Lines that come within this are handed on together. */
  private static final int BATCH_MILLIS = 10;

  private final LogFolder folder;
  private final Predicate<LogName> wanted;
  private final LineFilter filter;
  private final ZoneId zone;
  private final InstantSource clock;
  private final Problems problems;
  private final LiveSockets sockets;
  private final FolderWatch watch;
  private final Map<Path, FollowedLog> logs = new LinkedHashMap<>();
  private final Set<Path> others = new HashSet<>();
  private final Map<FollowedLog, Boolean> there = new HashMap<>();
  private volatile boolean stopped;

  /**
   * Follows logs from now on.
   *
   * @param socketDirectory by whose sockets it can be told which VMs are live
   */
  public Follower(
      LogFolder folder,
      Predicate<LogName> wanted,
      LineFilter filter,
      Path socketDirectory,
      ZoneId zone,
      InstantSource clock,
      Problems problems) {
    this.folder = folder;
    this.wanted = wanted;
    this.filter = filter;
    this.zone = zone;
    this.clock = clock;
    this.problems = problems;
    this.sockets = new LiveSockets(socketDirectory);
    this.watch = new FolderWatch(folder);
  }

  /** Goes on where these end; all their lines have been read. Takes their files over. */
  public void goOn(History history) throws IOException {
    for (Map.Entry<VmLog, Past> one : history.handOver().entrySet()) {
      add(one.getKey()).goOn(one.getValue());
    }
  }

  private FollowedLog add(VmLog log) {
    FollowedLog followed = new FollowedLog(log, folder, filter, zone, clock, problems);
    logs.put(log.current(), followed);
    there.put(followed, true);
    return followed;
  }

  /** Hands on what comes, until {@link #stop}. */
  public void run(FollowSink sink) throws IOException, InterruptedException {
    try {
      lookAtAll(sink);
      long looked = System.nanoTime();
      while (!stopped) {
        Optional<Set<Path>> changed = watch.await(LOOK_AT_ALL);
        boolean due = System.nanoTime() - looked >= LOOK_AT_ALL.toNanos();
        if (changed.isPresent() && !due) {
          lookAt(changed.get(), sink);
        } else {
          lookAtAll(sink);
          looked = System.nanoTime();
        }
        sink.idle();
        Thread.sleep(BATCH_MILLIS);
      }
      lookAtAll(sink);
      sink.idle();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void lookAt(Set<Path> changed, FollowSink sink) throws IOException {
    boolean unknown = false;
    Set<FollowedLog> due = new LinkedHashSet<>();
    for (Path path : changed) {
      LogFile file = LogFile.of(path);
      Path current = file == null ? path : path.resolveSibling(file.stem() + ".log");
      FollowedLog log = logs.get(current);
      if (log != null) {
        due.add(log);
      } else {
        unknown |= !others.contains(current) && !path.toString().endsWith(".new");
      }
    }
    for (FollowedLog log : due) {
      look(log, sink);
    }
    if (unknown) {
      findNew(sink);
    }
  }

  private void lookAtAll(FollowSink sink) throws IOException {
    findNew(sink);
    for (FollowedLog log : List.copyOf(logs.values())) {
      // Its last lines may come a moment after its sockets have gone, or before they are there.
      Optional<FollowSink.Change> change = sockets.look(log.log());
      look(log, sink);
      if (change.isPresent()) {
        sink.change(log.log().name(), change.get());
      }
    }
  }

  /** What is new is read from its first line. */
  private void findNew(FollowSink sink) throws IOException {
    // Watched first, so that what comes after the list shows.
    watch.add(Set.of(folder.path()));
    watch.add(folder.folders());
    for (VmLog log : folder.logs()) {
      if (!wanted.test(log.name())) {
        others.add(log.current());
      } else if (!logs.containsKey(log.current())) {
        sink.change(log.name(), FollowSink.Change.NEW);
        look(add(log), sink);
      }
    }
  }

  private void look(FollowedLog log, FollowSink sink) throws IOException {
    boolean isThere =
        log.look(
            line -> {
              try {
                sink.line(line);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Boolean before = there.put(log, isThere);
    if (before != null && before && !isThere) {
      sink.change(log.log().name(), FollowSink.Change.GONE);
    }
  }

  /** Ends it, from another thread; what has come by then is still handed on. */
  public void stop() {
    stopped = true;
    try {
      watch.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What has been read. */
  public Cursor cursor() throws IOException {
    Map<LogName, LogCursor> positions = new LinkedHashMap<>();
    for (FollowedLog log : logs.values()) {
      log.position().ifPresent(place -> positions.put(log.log().name(), place));
    }
    return Cursor.of(positions);
  }

  @Override
  public void close() throws IOException {
    watch.close();
    for (FollowedLog log : logs.values()) {
      log.close();
    }
  }
}
