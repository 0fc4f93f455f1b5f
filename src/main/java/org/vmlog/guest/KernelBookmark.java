package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;

/**
 * Up to where the kernel's log need not be read again, kept in a file: else every restart of this
 * program would send all of it once more. What the file says of another boot is nothing, since each
 * numbers its records anew. Thread-safe.
 */
final class KernelBookmark {
  private static final LimitedLog FAILED =
      LimitedLog.on(LoggerFactory.getLogger(KernelBookmark.class));

  private static final String FILE = "kernel-sequence";

  /** The boot's id, and the number. */
  private static final int BYTES = KernelRandom.BYTES + Long.BYTES;

  private final Optional<FileChannel> file;
  private final byte[] bootId;
  private final long next;
  private volatile long written;

  private KernelBookmark(Optional<FileChannel> file, byte[] bootId, long next) {
    this.file = file;
    this.bootId = bootId;
    this.next = next;
    this.written = next;
  }

  /** Begins at the first record, and remembers nothing. */
  static KernelBookmark none() {
    return new KernelBookmark(Optional.empty(), new byte[0], 0);
  }

  /** One that is kept in a folder. */
  static KernelBookmark in(Path folder) throws IOException {
    return in(folder, KernelRandom.bootId());
  }

  static KernelBookmark in(Path folder, byte[] bootId) throws IOException {
    FileChannel file =
        FileChannel.open(
            folder.resolve(FILE),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE);
    ByteBuffer kept = ByteBuffer.allocate(BYTES);
    boolean there = file.read(kept, 0) == BYTES;
    boolean ofThisBoot =
        there && Arrays.equals(kept.array(), 0, bootId.length, bootId, 0, bootId.length);
    return new KernelBookmark(
        Optional.of(file), bootId, ofThisBoot ? kept.getLong(KernelRandom.BYTES) : 0);
  }

  /** The number of the first record to be read, as it was when this was opened. */
  long next() {
    return next;
  }

  /** Everything before that number is with the host, or in a buffer that outlives this process. */
  void set(long number) {
    if (file.isEmpty() || number == written) {
      return;
    }
    written = number;
    try {
      ByteBuffer kept = ByteBuffer.allocate(BYTES).put(bootId).putLong(number).flip();
      int unused = file.get().write(kept, 0);
    } catch (IOException e) {
      FAILED.warn("the place in the kernel's log is not kept: {}", e.toString());
    }
  }
}
