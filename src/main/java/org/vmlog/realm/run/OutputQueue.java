package org.vmlog.realm.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines on their way from the command's outputs to the sink. Who puts waits while it is full, so
 * that the command is held up in place of anything being thrown away. Thread-safe.
 */
final class OutputQueue {
  static final int MAX_BYTES = 1 << 20;
  static final int MAX_BATCH_BYTES = 256 << 10;

  /** What a line takes besides its content. */
  private static final int OVERHEAD_BYTES = 64;

  private final ArrayDeque<OutputLine> lines = new ArrayDeque<>(); // guarded by this
  private int bytes; // guarded by this
  private boolean ended; // guarded by this

  /** Adds a line once there is room. */
  synchronized void put(OutputLine line) throws InterruptedException {
    while (bytes > 0 && bytes + size(line) > MAX_BYTES) {
      wait();
    }
    lines.add(line);
    bytes += size(line);
    notifyAll();
  }

  /** Nothing is put any more. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Waits for lines and takes as many as may go together; none at the end. */
  synchronized List<OutputLine> take() throws InterruptedException {
    while (lines.isEmpty() && !ended) {
      wait();
    }
    List<OutputLine> batch = new ArrayList<>();
    int batchBytes = 0;
    while (!lines.isEmpty()
        && (batch.isEmpty() || batchBytes + size(lines.getFirst()) <= MAX_BATCH_BYTES)) {
      OutputLine line = lines.removeFirst();
      batchBytes += size(line);
      batch.add(line);
    }
    bytes -= batchBytes;
    notifyAll();
    return batch;
  }

  /** Takes all that is left, without waiting. */
  synchronized List<OutputLine> drain() {
    List<OutputLine> left = new ArrayList<>(lines);
    lines.clear();
    bytes = 0;
    notifyAll();
    return left;
  }

  private static int size(OutputLine line) {
    return line.content().size() + OVERHEAD_BYTES;
  }
}
