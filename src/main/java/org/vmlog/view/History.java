package org.vmlog.view;

import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogName;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.view.query.LineFilter;

/**
 * What logs hold up to now, in the order of time; {@link Follower} goes on from there. Confined to
 * one thread.
 */
public final class History implements AutoCloseable {
  private static final int BLOCK_BYTES = 16 * 1024;

  private final Map<VmLog, Past> pasts;
  private final Merge merge;
  private boolean handedOver;

  private History(Map<VmLog, Past> pasts) {
    this.pasts = pasts;
    this.merge = new Merge(List.copyOf(pasts.values()));
  }

  /** Opens these logs. What may not be read of them is left out. */
  public static History open(
      LogFolder folder,
      List<VmLog> logs,
      LineFilter filter,
      From from,
      ZoneId zone,
      Problems problems)
      throws IOException {
    Map<VmLog, Past> pasts = new LinkedHashMap<>();
    for (VmLog log : logs) {
      pasts.put(log, open(folder, log, filter, from, zone, problems));
    }
    return new History(pasts);
  }

  private static Past open(
      LogFolder folder, VmLog log, LineFilter filter, From from, ZoneId zone, Problems problems)
      throws IOException {
    if (from instanceof From.Last last) {
      return LastLines.read(log, folder, filter, zone, last.lines(), problems);
    }
    Past all = HistoryStream.open(log, folder, filter, from, zone, BLOCK_BYTES, problems);
    int lines = Integer.MAX_VALUE;
    if (from instanceof From.After cursor) {
      lines = cursor.lines();
    } else if (from instanceof From.Start start) {
      lines = start.lines();
    }
    return lines < Integer.MAX_VALUE ? new LastOf(all, lines) : all;
  }

  /** The last lines of a past, which is read to its end when the first is asked for. */
  private static final class LastOf implements Past {
    private final Past all;
    private final int count;
    private final Deque<LogLine> last = new ArrayDeque<>();
    private boolean read;

    LastOf(Past all, int count) {
      this.all = all;
      this.count = count;
    }

    @Override
    public @Nullable LogLine next() throws IOException {
      if (!read) {
        read = true;
        for (LogLine line = all.next(); line != null; line = all.next()) {
          last.addLast(line);
          if (last.size() > count) {
            last.removeFirst();
          }
        }
      }
      return last.pollFirst();
    }

    @Override
    public @Nullable Rest rest() throws IOException {
      return all.rest();
    }

    @Override
    public Optional<LogCursor> position() {
      return all.position();
    }

    @Override
    public void close() throws IOException {
      all.close();
    }
  }

  /** The next line; null when there are no more. */
  public @Nullable LogLine next() throws IOException {
    return merge.next();
  }

  /** What has been read; right when all has been. */
  public Cursor cursor() {
    Map<LogName, LogCursor> positions = new LinkedHashMap<>();
    pasts.forEach(
        (log, past) -> past.position().ifPresent(place -> positions.put(log.name(), place)));
    return Cursor.of(positions);
  }

  /** Each log's own. The files that may grow are the caller's from now on. */
  Map<VmLog, Past> handOver() {
    handedOver = true;
    return pasts;
  }

  /** Closes everything that was not handed over. */
  @Override
  public void close() throws IOException {
    if (handedOver) {
      merge.close();
      return;
    }
    List<Past.Rest> rests = new ArrayList<>();
    for (Past past : pasts.values()) {
      Past.Rest rest = past.rest();
      if (rest != null) {
        rests.add(rest);
      }
    }
    merge.close();
    for (Past.Rest rest : rests) {
      rest.file().close();
    }
  }
}
