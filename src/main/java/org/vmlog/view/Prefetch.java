package org.vmlog.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream ahead of whoever takes its lines, but not far. The stream is read by one thread at
 * a time, each for as long as there is room; lines are taken by one thread.
 */
final class Prefetch implements LineStream {
  private static final int ROOM_BYTES = 64 * 1024;

  /** What a line costs beside its bytes, about. */
  private static final long LINE_BYTES = 150;

  private final LineStream stream;
  private final Executor readers;

  @GuardedBy("this")
  private final Deque<LogLine> ready = new ArrayDeque<>();

  @GuardedBy("this")
  private long readyBytes;

  @GuardedBy("this")
  private boolean reading;

  @GuardedBy("this")
  private boolean ended;

  @GuardedBy("this")
  private @Nullable Throwable failure;

  private Prefetch(LineStream stream, Executor readers) {
    this.stream = stream;
    this.readers = readers;
  }

  /** Begins to read, and takes the stream over. */
  static Prefetch start(LineStream stream, Executor readers) {
    Prefetch prefetch = new Prefetch(stream, readers);
    prefetch.readMore();
    return prefetch;
  }

  private synchronized void readMore() {
    if (!reading && !ended) {
      reading = true;
      readers.execute(this::read);
    }
  }

  private void read() {
    try {
      LogLine line = stream.next();
      while (put(line)) {
        line = stream.next();
      }
      closeIfEnded();
    } catch (Throwable e) { // an Error, too: whoever waits for lines has to be told
      fail(e);
    }
  }

  /** Answers whether there is room for another. */
  private synchronized boolean put(@Nullable LogLine line) {
    if (line != null) {
      ready.addLast(line);
      readyBytes += bytes(line);
    }
    ended |= line == null;
    reading = !ended && readyBytes < ROOM_BYTES;
    notifyAll();
    return reading;
  }

  private void closeIfEnded() throws IOException {
    boolean over;
    synchronized (this) {
      over = ended;
    }
    if (over) {
      stream.close();
    }
  }

  private synchronized void fail(Throwable cause) {
    failure = cause;
    ended = true;
    reading = false;
    notifyAll();
  }

  @Override
  public synchronized @Nullable LogLine next() throws IOException {
    if (readyBytes < ROOM_BYTES / 2) {
      readMore();
    }
    try {
      while (ready.isEmpty() && !ended) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    LogLine line = ready.pollFirst();
    if (line != null) {
      readyBytes -= bytes(line);
    } else if (failure != null) {
      throw failed(failure);
    }
    return line;
  }

  private static IOException failed(Throwable cause) {
    if (cause instanceof VirtualMachineError error) {
      throw error; // what else this thread would do would fail as well
    }
    return cause instanceof IOException e
        ? e
        : new IOException("cannot be searched: " + cause, cause);
  }

  private static long bytes(LogLine line) {
    return LINE_BYTES + line.line().to();
  }

  /** Ends reading before the next line; whoever reads closes the stream. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      ended = true;
      if (reading) {
        return;
      }
    }
    stream.close();
  }
}
