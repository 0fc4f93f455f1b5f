package org.vmlog.view;

import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.view.query.LineFilter;

/**
 * All lines of logs that pass a filter, in the order of time, with several logs read at once.
 * Confined to one thread, but for reading, which others do.
 */
public final class Search implements AutoCloseable {
  private static final int ALL_BLOCKS_BYTES = 32 << 20;
  private static final int MIN_BLOCK_BYTES = 16 << 10;
  private static final int MAX_BLOCK_BYTES = 256 << 10;

  private final Merge merge;

  private Search(Merge merge) {
    this.merge = merge;
  }

  /**
   * Begins to search.
   *
   * @param readers the threads that read; each log is read by one at a time
   */
  public static Search start(
      LogFolder folder,
      List<VmLog> logs,
      LineFilter filter,
      From from,
      ZoneId zone,
      Executor readers,
      Problems problems)
      throws IOException {
    int share = ALL_BLOCKS_BYTES / Math.max(1, logs.size());
    int block = Math.max(MIN_BLOCK_BYTES, Math.min(MAX_BLOCK_BYTES, share));
    List<LineStream> streams = new ArrayList<>();
    for (VmLog log : logs) {
      LineStream stream =
          new LazyStream(
              () -> HistoryStream.open(log, folder, filter, from, zone, block, problems));
      streams.add(Prefetch.start(stream, readers));
    }
    return new Search(new Merge(streams));
  }

  /** The next line; null when there are no more. */
  public @Nullable LogLine next() throws IOException {
    return merge.next();
  }

  @Override
  public void close() throws IOException {
    merge.close();
  }
}
