package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the kernel's log on a thread of its own, which waits in read(2): /dev/kmsg can be waited
 * for in no other way that Java has. A FIFO or a file with what was recorded from it will do as
 * well. Thread-safe.
 */
final class KernelReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelReader.class);

  /** More than the kernel makes of one record, 8 KiB; else it would refuse to give it. */
  private static final int BUFFER_BYTES = 16 * 1024;

  /**
   * EPIPE says once that records were overwritten, and the next read goes on behind them; in a
   * flood that happens again and again. So many in a row are worth a word, and a pause.
   */
  private static final int MANY_FAILURES = 8;

  private static final long PAUSE_MILLIS = 100;

  /** A read that waits so long was for a record that was not there yet. */
  private static final long WAITED_NANOS = 50_000_000;

  private final Path path;
  private final ReadableByteChannel log;
  private final KernelRecords records;
  private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] lines = new byte[BUFFER_BYTES];
  private final CountDownLatch closed = new CountDownLatch(1);
  private int length;

  private KernelReader(Path path, ReadableByteChannel log, KernelRecords records) {
    this.path = path;
    this.log = log;
    this.records = records;
  }

  /** Starts the thread. */
  static KernelReader start(Path path, KernelRecords records, ThreadFactory threads)
      throws IOException {
    return start(path, FileChannel.open(path, StandardOpenOption.READ), records, threads);
  }

  static KernelReader start(
      Path path, ReadableByteChannel log, KernelRecords records, ThreadFactory threads) {
    KernelReader reader = new KernelReader(path, log, records);
    threads.newThread(reader::run).start();
    return reader;
  }

  private void run() {
    int failures = 0;
    while (true) {
      try {
        if (!read()) {
          records.accept(lines, 0, length);
          LOG.info("{} has ended", path);
          return;
        }
        if (failures >= MANY_FAILURES) {
          LOG.info("{} can be read again, after {} failures", path, failures);
        }
        failures = 0;
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        failures++;
        if (failures >= MANY_FAILURES && !pause(e, failures)) {
          return;
        }
      }
    }
  }

  /** False when this is to end meanwhile. */
  private boolean pause(IOException e, int failures) {
    if (failures == MANY_FAILURES) {
      LOG.warn(
          "{} could not be read {} times in a row, and is tried on: {}",
          path,
          failures,
          e.toString());
    }
    try {
      return !closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Takes one record of the kernel's, or as much of a file as there is; false at its end. */
  private boolean read() throws IOException {
    received.clear().limit(lines.length - length);
    long before = System.nanoTime();
    int count = log.read(received);
    if (System.nanoTime() - before > WAITED_NANOS) {
      records.drained();
    }
    if (count < 0) {
      return false;
    }
    received.flip().get(lines, length, count);
    length += count;
    takeLines();
    return true;
  }

  private void takeLines() {
    int begin = 0;
    for (int at = 0; at < length; at++) {
      if (lines[at] == '\n') {
        records.accept(lines, begin, at - begin);
        begin = at + 1;
      }
    }
    if (begin == 0 && length == lines.length) {
      begin = length; // no record of the kernel is that long
    }
    System.arraycopy(lines, begin, lines, 0, length - begin);
    length -= begin;
  }

  /** Ends the thread, wherever it is. */
  @Override
  public void close() throws IOException {
    closed.countDown();
    log.close();
  }
}
