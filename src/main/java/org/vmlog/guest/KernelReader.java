package org.vmlog.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadFactory;
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

  /** EPIPE says once that records were overwritten, and the next read goes on behind them. */
  private static final int MAX_FAILURES = 8;

  private final Path path;
  private final FileChannel log;
  private final KernelRecords records;
  private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] lines = new byte[BUFFER_BYTES];
  private int length;

  private KernelReader(Path path, FileChannel log, KernelRecords records) {
    this.path = path;
    this.log = log;
    this.records = records;
  }

  /** Starts the thread. */
  static KernelReader start(Path path, KernelRecords records, ThreadFactory threads)
      throws IOException {
    KernelReader reader =
        new KernelReader(path, FileChannel.open(path, StandardOpenOption.READ), records);
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
        failures = 0;
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        failures++;
        if (failures == MAX_FAILURES) {
          LOG.error("{} is not read any more: {}", path, e.toString());
          return;
        }
      }
    }
  }

  /** Takes one record of the kernel's, or as much of a file as there is; false at its end. */
  private boolean read() throws IOException {
    received.clear().limit(lines.length - length);
    int count = log.read(received);
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
    log.close();
  }
}
