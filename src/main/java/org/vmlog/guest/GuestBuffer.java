package org.vmlog.guest;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.GuestConfig;

/**
 * The buffer, where it is kept, and the stream in which its records have their numbers: a new one
 * for each process, or with a file, for each boot of the guest. Immutable, but for what is in it.
 */
final class GuestBuffer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(GuestBuffer.class);

  private static final int MAX_WINDOW_BYTES = 256 * 1024;

  private final RecordBuffer records;
  private final Optional<FileSegments> file;
  private final GuestStream stream;
  private final int windowBytes;

  private GuestBuffer(
      RecordBuffer records, Optional<FileSegments> file, GuestStream stream, long bytes) {
    this.records = records;
    this.file = file;
    this.stream = stream;
    this.windowBytes = (int) Math.min(MAX_WINDOW_BYTES, bytes / 4);
  }

  /**
   * Opens it, with what an earlier process left in its file.
   *
   * @throws BufferHeldException if another process has the file
   */
  static GuestBuffer open(GuestConfig config, KernelBookmark bookmark, OwnRecords ownRecords)
      throws IOException {
    GuestConfig.Buffer settings = config.buffer();
    if (settings.file().isEmpty()) {
      HeapSegments heap = new HeapSegments(settings.memoryBytes());
      return new GuestBuffer(
          new RecordBuffer(heap, config.flush(), bookmark, ownRecords, System::nanoTime),
          Optional.empty(),
          new GuestStream(KernelRandom.fresh(), 0, id -> {}),
          settings.memoryBytes());
    }
    Path path = settings.file().get();
    FileSegments file = FileSegments.open(path, settings.fileBytes());
    try {
      RecordBuffer records =
          new RecordBuffer(file, config.flush(), bookmark, ownRecords, System::nanoTime);
      GuestStream stream = restore(records, file);
      if (records.unfinished() > 0) {
        LOG.info("{} has {} records to be sent", path, records.unfinished());
      }
      return new GuestBuffer(records, Optional.of(file), stream, settings.fileBytes());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static GuestStream restore(RecordBuffer records, FileSegments file) throws IOException {
    byte[] bootId = KernelRandom.bootId();
    FileHeader header = file.header();
    long settled = GuestStream.UNKNOWN;
    if (!records.restore(file.recover(), header.isOf(bootId))) {
      header.begin(bootId, KernelRandom.fresh());
      settled = 0;
    }
    return new GuestStream(header.streamId(), settled, id -> header.begin(bootId, id));
  }

  RecordBuffer records() {
    return records;
  }

  GuestStream stream() {
    return stream;
  }

  /** How much may be under way at once; what is cannot be dropped for more important things. */
  int windowBytes() {
    return windowBytes;
  }

  /** Whether what is in it now will be there for the next process. */
  boolean isDurable() {
    return file.isPresent();
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}
