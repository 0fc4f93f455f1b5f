package org.vmlog.web;

import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogName;
import org.vmlog.logs.VmLog;
import org.vmlog.platform.HostZone;
import org.vmlog.record.Channel;
import org.vmlog.view.FollowSink;
import org.vmlog.view.Follower;
import org.vmlog.view.From;
import org.vmlog.view.History;
import org.vmlog.view.LogLine;
import org.vmlog.view.query.LineFilter;

/**
 * Reads logs for one page: their last lines that pass its filter, or those since it lost its
 * stream, then what comes. All of that is counted, passing or not.
 *
 * <p>What there is waits for the page; what comes does not, and is left out where the page is too
 * slow. Confined to its thread, but for {@link #stop}.
 */
final class LogStream implements Runnable {
  /** A page does not keep more, so it gets no more of what it has missed. */
  static final int MAX_MISSED = 2_000;

  /** A cursor of many logs is long, and a browser sends it back in a header. */
  private static final int MAX_CURSOR_LENGTH = 8 * 1024;

  private static final Duration STUCK = Duration.ofSeconds(60);
  private static final Duration RATES = Duration.ofSeconds(1);
  private static final int ERROR = 3;

  private final WebLogs logs;
  private final ZoneId zone;
  private final StreamQuery query;
  private final StreamQueue queue;
  private @Nullable Follower follower; // guarded by this
  private boolean stopped; // guarded by this

  LogStream(WebLogs logs, StreamQuery query, StreamQueue queue) {
    this.logs = logs;
    this.zone = HostZone.ofLogs(logs.folder()).orElse(logs.zone());
    this.query = query;
    this.queue = queue;
  }

  @Override
  public void run() {
    try {
      LogFolder folder = LogFolder.open(logs.folder(), logs.problems());
      List<VmLog> meant =
          folder.logs().stream().filter(log -> logs.meant().test(log.name())).toList();
      queue.put(new StreamItem.Hello(query.after().isPresent()));
      meant.forEach(log -> queue.put(new StreamItem.Known(log.name())));
      try (History history = history(folder, meant)) {
        if (show(history)) {
          follow(folder, history);
        }
      }
    } catch (IOException e) {
      queue.put(new StreamItem.Failed(String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (VirtualMachineError e) {
      queue.put(
          new StreamItem.Failed(e instanceof OutOfMemoryError ? "out of memory" : e.toString()));
    }
  }

  private History history(LogFolder folder, List<VmLog> meant) throws IOException {
    From from =
        query.after().isPresent()
            ? new From.After(query.after().get())
            : new From.Last(logs.lines());
    return History.open(folder, meant, query.filter(), from, zone, logs.problems());
  }

  /** The newest of what there is; false if the page takes nothing. */
  private boolean show(History history) throws IOException, InterruptedException {
    Deque<StreamItem.Line> last = new ArrayDeque<>();
    long bytes = 0;
    long leftOut = 0;
    for (LogLine line = history.next(); line != null; line = history.next()) {
      if (query.isMeant(line.log())) {
        StreamItem.Line item = StreamItem.Line.of(line);
        last.addLast(item);
        bytes += item.bytes();
        while (last.size() > MAX_MISSED || (bytes > StreamQueue.MAX_BYTES && last.size() > 1)) {
          bytes -= last.removeFirst().bytes();
          leftOut++;
        }
      }
    }
    if (leftOut > 0 && query.after().isPresent()) {
      queue.put(new StreamItem.LeftOut(leftOut));
    }
    for (StreamItem.Line line : last) {
      if (!queue.putWaiting(line, STUCK)) {
        return false;
      }
    }
    return true;
  }

  private void follow(LogFolder folder, History history) throws IOException, InterruptedException {
    try (Follower following =
        new Follower(
            folder,
            logs.meant(),
            LineFilter.ALL,
            logs.sockets(),
            zone,
            logs.clock(),
            logs.problems())) {
      synchronized (this) {
        if (stopped) {
          return;
        }
        follower = following;
      }
      following.goOn(history);
      Screen screen = new Screen(following);
      screen.idle(); // a page may lose its stream before the first second is over
      following.run(screen);
    }
  }

  /** Ends it soon. */
  synchronized void stop() {
    stopped = true;
    if (follower != null) {
      follower.stop();
    }
  }

  /** Counts what comes, and hands on what passes. */
  private final class Screen implements FollowSink {
    private final Follower following;
    private final Map<LogName, long[]> counts = new LinkedHashMap<>();
    private long told = System.nanoTime() - RATES.toNanos();

    Screen(Follower following) {
      this.following = following;
    }

    @Override
    public void line(LogLine line) {
      long[] count = counts.computeIfAbsent(line.log(), first -> new long[3]);
      count[0]++;
      count[1] += line.line().severity() <= ERROR ? 1 : 0;
      count[2] += line.line().channel() == Channel.FORWARDER ? 1 : 0;
      if (query.isMeant(line.log()) && query.filter().test(line.line())) {
        queue.offer(StreamItem.Line.of(line));
      }
    }

    @Override
    public void change(LogName log, Change change) {
      queue.put(new StreamItem.Changed(log, change));
    }

    @Override
    public void idle() throws IOException {
      long now = System.nanoTime();
      if (now - told < RATES.toNanos()) {
        return;
      }
      told = now;
      Map<LogName, StreamItem.Rate> rates = new LinkedHashMap<>();
      counts.forEach(
          (log, count) -> rates.put(log, new StreamItem.Rate(count[0], count[1], count[2])));
      counts.clear();
      queue.put(new StreamItem.Rates(rates));
      String cursor = following.cursor().toString();
      if (cursor.length() <= MAX_CURSOR_LENGTH) {
        queue.put(new StreamItem.Reached(cursor));
      }
    }
  }
}
