package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;

/**
 * Up to where the kernel's log need not be read again, kept in a file that does not outlive the
 * boot: else every restart of this program would send all of it once more. Thread-safe.
 */
final class KernelBookmark {
  private static final LimitedLog FAILED =
      LimitedLog.on(LoggerFactory.getLogger(KernelBookmark.class));

  private static final String FILE = "kernel-sequence";

  private final Optional<FileChannel> file;
  private final long next;
  private volatile long written;

  private KernelBookmark(Optional<FileChannel> file, long next) {
    this.file = file;
    this.next = next;
    this.written = next;
  }

  /** Begins at the first record, and remembers nothing. */
  static KernelBookmark none() {
    return new KernelBookmark(Optional.empty(), 0);
  }

  /** One that is kept in a folder on a tmpfs. */
  static KernelBookmark in(Path folder) throws IOException {
    FileChannel file =
        FileChannel.open(
            folder.resolve(FILE),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE);
    ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
    boolean there = file.read(number, 0) == Long.BYTES;
    return new KernelBookmark(Optional.of(file), there ? number.getLong(0) : 0);
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
      int unused = file.get().write(ByteBuffer.allocate(Long.BYTES).putLong(0, number), 0);
    } catch (IOException e) {
      FAILED.warn("the place in the kernel's log is not kept: {}", e.toString());
    }
  }
}
