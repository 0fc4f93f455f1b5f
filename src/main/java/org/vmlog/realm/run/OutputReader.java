package org.vmlog.realm.run;

import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import org.vmlog.record.Utf8;

/**
 * Reads one of a command's outputs, line by line, to its end. A line that is too long is passed on
 * in parts, with no character in two of them; one without a newline at the end counts. Confined to
 * one thread.
 */
final class OutputReader {
  static final int MAX_LINE_BYTES = 64 << 10;

  private final InputStream output;
  private final int severity;
  private final boolean prefixed;
  private final OutputQueue queue;
  private final InstantSource clock;
  private final byte[] line = new byte[MAX_LINE_BYTES];
  private int length;

  /**
   * Makes a reader.
   *
   * @param severity of lines that do not say their own
   * @param prefixed whether {@code <N>} at a line's beginning says its severity
   */
  OutputReader(
      InputStream output, int severity, boolean prefixed, OutputQueue queue, InstantSource clock) {
    this.output = output;
    this.severity = severity;
    this.prefixed = prefixed;
    this.queue = queue;
    this.clock = clock;
  }

  /** Returns at the output's end. */
  void readToEnd() throws InterruptedException {
    byte[] chunk = new byte[MAX_LINE_BYTES];
    try {
      for (int read = output.read(chunk); read >= 0; read = output.read(chunk)) {
        take(chunk, read);
      }
    } catch (IOException e) {
      // It was closed: as good an end as any.
    }
    if (length > 0) {
      put(length);
    }
  }

  private void take(byte[] chunk, int read) throws InterruptedException {
    for (int i = 0; i < read; i++) {
      if (chunk[i] == '\n') {
        put(length);
      } else {
        if (length == line.length) {
          put(Utf8.boundary(line, 0, length));
        }
        line[length++] = chunk[i];
      }
    }
  }

  /** Passes on so many bytes of the line; what is left begins the next. */
  private void put(int count) throws InterruptedException {
    queue.put(OutputLine.of(line, count, severity, prefixed, clock.instant()));
    length -= count;
    System.arraycopy(line, count, line, 0, length);
  }
}
