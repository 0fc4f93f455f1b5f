package org.vmlog.guest;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;

/**
 * Segments in a file, which is mapped into memory, so that what is in them outlives this process
 * however it ends. A crash of the guest itself loses what its kernel had not written yet, 30 s or
 * so.
 *
 * <p>The file has a page for {@link FileHeader} and then the segments. It grows by writing zeros:
 * on a full disk that is an error that can be dealt with, while a page of a sparse file would be a
 * SIGBUS. It never shrinks. What was released last is taken first, so that an idle guest writes to
 * the same few pages again and again. Guarded by the lock of the {@link RecordBuffer}.
 */
final class FileSegments implements SegmentStore, AutoCloseable {
  private static final LimitedLog FULL = LimitedLog.on(LoggerFactory.getLogger(FileSegments.class));

  /** How much is mapped, and the file grows, at once: in segments. */
  static final int CHUNK = 256;

  /** How long a disk that was full is left alone. */
  private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

  private final Path path;
  private final FileChannel file;
  private final FileHeader header;
  private final int max;
  private final List<MappedByteBuffer> chunks = new ArrayList<>();

  /** The segments nobody has, as a stack. */
  private int[] free = new int[CHUNK];

  private int freeCount;
  private long growAgainNanos = System.nanoTime();

  private FileSegments(Path path, FileChannel file, FileHeader header, int max) {
    this.path = path;
    this.file = file;
    this.header = header;
    this.max = max;
  }

  /**
   * Opens the file, making it if it is missing.
   *
   * @param maxBytes that its segments may have
   * @throws BufferHeldException if another process has it
   * @throws java.nio.file.FileSystemException if it is there and not such a file
   */
  static FileSegments open(Path path, long maxBytes) throws IOException {
    FileChannel file =
        FileChannel.open(
            path,
            Set.of(READ, WRITE, CREATE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      if (file.tryLock() == null) {
        throw new BufferHeldException(path);
      }
      int max = (int) (maxBytes / Segment.BYTES);
      return new FileSegments(path, file, FileHeader.open(path, file), max);
    } catch (OverlappingFileLockException e) {
      file.close();
      throw new BufferHeldException(path);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  FileHeader header() {
    return header;
  }

  /** The segments that a process before this one left with records in them; to be called once. */
  List<Segment> recover() throws IOException {
    List<Segment> found = new ArrayList<>();
    int segments = (int) (file.size() / Segment.BYTES) - 1;
    for (int index = 0; index + CHUNK <= segments; index += CHUNK) {
      map();
      for (int i = index; i < index + CHUNK; i++) {
        Segment segment = Segment.recover(page(i), i);
        if (segment == null) {
          free(i);
        } else {
          found.add(segment);
        }
      }
    }
    return found;
  }

  @Override
  public boolean isDurable() {
    return true;
  }

  @Override
  public boolean has(int segments) {
    while (freeCount < segments && chunks.size() * CHUNK + CHUNK <= max && grow()) {
      // Once more.
    }
    return freeCount >= segments;
  }

  private boolean grow() {
    if (System.nanoTime() - growAgainNanos < 0) {
      return false;
    }
    try {
      ByteBuffer zeros = ByteBuffer.allocate(CHUNK * Segment.BYTES);
      long at = end();
      while (zeros.hasRemaining()) {
        at += file.write(zeros, at);
      }
      map();
      for (int i = chunks.size() * CHUNK - 1; i >= (chunks.size() - 1) * CHUNK; i--) {
        free(i);
      }
      return true;
    } catch (IOException e) {
      growAgainNanos = System.nanoTime() + PAUSE_NANOS;
      FULL.warn("{} does not grow beyond {} bytes: {}", path, end(), e.toString());
      return false;
    }
  }

  private long end() {
    return (1L + (long) chunks.size() * CHUNK) * Segment.BYTES;
  }

  private void map() throws IOException {
    chunks.add(file.map(FileChannel.MapMode.READ_WRITE, end(), (long) CHUNK * Segment.BYTES));
  }

  private ByteBuffer page(int index) {
    return chunks.get(index / CHUNK).slice(index % CHUNK * Segment.BYTES, Segment.BYTES);
  }

  private void free(int index) {
    if (index >= max) {
      return; // The file was allowed to be larger once.
    }
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    free[freeCount] = index;
    freeCount++;
  }

  @Override
  public Segment take(QueueId queue) {
    freeCount--;
    int index = free[freeCount];
    return Segment.empty(page(index), index, queue);
  }

  @Override
  public void release(Segment segment) {
    segment.erase();
    free(segment.index());
  }

  /** Gives the file back; its segments must not be used any more. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
