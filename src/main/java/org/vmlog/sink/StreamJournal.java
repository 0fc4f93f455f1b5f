package org.vmlog.sink;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.logs.LogFileName;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.sink.IntentFile.Saved;

/**
 * Knows how far each stream's records stand in one log, whenever the process was killed.
 *
 * <p>Before a write that holds streams' records, what it is about to append and where is saved as
 * an intent, with how far each stream stood before. A process that comes after a kill counts the
 * lines that the write has left: line by line they are the intent's. The next intent holds what
 * came of the last, so a write that succeeds needs no second save. One that does not is settled at
 * once, since what is written after it would be counted as its own; and so is the last one of a
 * file that is to be rotated or let go of, since it may be compressed or gone when somebody would
 * count.
 *
 * <p>Nothing is synced: a kill takes nothing that write(2) was given. A loss of power may take the
 * file back to an earlier intent, and then a guest that has outlived its host sends again what it
 * was not told of. Confined to the pipe's writer.
 */
final class StreamJournal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamJournal.class);

  private final LogDirectory directory;
  private final LogFileName name;
  private final RotatedFiles files;
  private final boolean synced;

  private @Nullable IntentFile file;
  private StreamTable streams = new StreamTable();
  private @Nullable WriteIntent underWay;
  private boolean settled = true;

  /** The state folder's st_dev, once it is known; any thread may ask. */
  private volatile Object device;

  /** Whether the state folder has been asked for anything. */
  private volatile boolean used;

  /** Whether it is just now. */
  private volatile boolean busy;

  /**
   * Opens nothing yet.
   *
   * @param synced whether what is told to stand must be on the disk
   */
  StreamJournal(LogDirectory directory, LogFileName name, RotatedFiles files, boolean synced) {
    this.directory = directory;
    this.name = name;
    this.files = files;
    this.synced = synced;
    this.device = directory.state().directory();
  }

  /** See {@link StreamSink#openStream}. */
  long open(StreamId stream, Set<StreamId> inUse) throws IOException {
    IntentFile opened = file == null ? load() : file;
    long lastSeq = streams.open(stream, inUse);
    if (settled) {
      save(
          opened, 0, 0, WriteIntent.NOTHING); // says now, and not at the first record, if it cannot
    }
    return lastSeq;
  }

  long lastSeq(StreamId stream) {
    return streams.lastSeq(stream);
  }

  /** What the journal's own I/O waits for; the log's, which it may read once, is another. */
  Object device() {
    return device;
  }

  boolean isUsed() {
    return used;
  }

  boolean isBusy() {
    return busy;
  }

  /** To be called before a write; what fails here leaves everything as it was. */
  void begin(long fileId, long startBytes, WriteIntent intent) throws IOException {
    IntentFile opened = file == null ? load() : file;
    save(opened, fileId, startBytes, intent);
    settled = false;
    underWay = intent;
  }

  /** The write has ended, and so many of its lines stand. */
  void ended(long lines) {
    WriteIntent intent = underWay;
    underWay = null;
    if (intent != null) {
      intent.after(lines, streams);
      if (lines < intent.lines()) {
        settle();
      }
    }
  }

  /** Sees to it that nobody has to count lines of the current file any more. */
  void settle() {
    IntentFile opened = file;
    if (!settled && opened != null) {
      try {
        save(opened, 0, 0, WriteIntent.NOTHING);
        settled = true;
      } catch (IOException e) {
        LOG.warn("a kill now may repeat records of streams of {}: {}", name, e.toString());
      }
    }
  }

  /** Reads what an earlier process, or an earlier owner of this log's pipe, has left. */
  private IntentFile load() throws IOException {
    IntentFile opened = openFile();
    try {
      Saved saved = opened.last();
      streams = saved == null ? new StreamTable() : standing(saved);
      file = opened;
      settled = saved == null || saved.intent().spans().isEmpty();
      settle();
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  private IntentFile openFile() throws IOException {
    used = true;
    busy = true;
    try (PrivateFolder folder = directory.state().folder(name)) {
      device = LogDirectory.device(folder.path());
      return IntentFile.open(folder, LogState.streams(name));
    } finally {
      busy = false;
    }
  }

  private StreamTable standing(Saved saved) throws IOException {
    WriteIntent intent = saved.intent();
    if (!intent.spans().isEmpty()) {
      long lines = count(saved);
      LOG.info("{} of {} lines of the last write to {} stand there", lines, intent.lines(), name);
      intent.after(lines, saved.streams());
    }
    return saved.streams();
  }

  private long count(Saved saved) throws IOException {
    try (PrivateFolder folder = directory.folder(name);
        FileChannel log = files.openById(folder, saved.fileId())) {
      if (log == null) {
        LOG.warn("{} was moved away: records of its streams may come twice", name);
        return 0;
      }
      if (synced) {
        log.force(false); // the process that wrote them may have been killed before it did
      }
      return LineCount.after(log, saved.startBytes(), saved.intent().lines());
    }
  }

  private void save(IntentFile to, long fileId, long startBytes, WriteIntent intent)
      throws IOException {
    busy = true;
    try {
      to.save(new Saved(streams, fileId, startBytes, intent));
    } finally {
      busy = false;
    }
  }

  /** Puts right what a killed process has left, if the log had streams at all. */
  void repair() throws IOException {
    boolean hadStreams;
    try (PrivateFolder folder = directory.state().folder(name)) {
      hadStreams = folder.stat(LogState.streams(name)) != null;
    }
    if (hadStreams) {
      IntentFile unused = load();
    }
  }

  @Override
  public void close() {
    IntentFile opened = file;
    file = null;
    try {
      if (opened != null) {
        opened.close();
      }
    } catch (IOException e) {
      LOG.debug("the descriptor is gone all the same, close(2)", e);
    }
  }
}
