package org.vmlog.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;

/**
 * A sink in memory that takes everything, and objects to a second thread in it and to a write after
 * its close. Thread-safe.
 */
public final class RecordingSink implements LineSink {
  private final Object device;
  private final AtomicBoolean inUse = new AtomicBoolean();
  private final List<String> events = new ArrayList<>(); // guarded by this
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(); // guarded by this
  private boolean closed; // guarded by this

  /** A sink whose device is its own. */
  public RecordingSink() {
    this(new Object());
  }

  public RecordingSink(Object device) {
    this.device = device;
  }

  @Override
  public WriteResult write(ByteBuffer[] lines) {
    enter();
    StringBuilder event = new StringBuilder();
    long count = 0;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("written to after its close");
      }
      for (ByteBuffer part : lines) {
        byte[] piece = new byte[part.remaining()];
        part.get(piece);
        bytes.writeBytes(piece);
        event.append(new String(piece, StandardCharsets.ISO_8859_1));
        count += piece.length;
      }
      events.add(event.toString());
    }
    inUse.set(false);
    return new WriteResult.Complete(count);
  }

  @Override
  public boolean isReady(long bytes) {
    return true;
  }

  @Override
  public synchronized boolean holdsLines() {
    return bytes.size() > 0;
  }

  @Override
  public void reopen() {
    enter();
    synchronized (this) {
      events.add("[reopen]");
    }
    inUse.set(false);
  }

  @Override
  public void rotate() {
    enter();
    synchronized (this) {
      events.add("[rotate]");
    }
    inUse.set(false);
  }

  @Override
  public Object device() {
    return device;
  }

  @Override
  public void close() {
    enter();
    synchronized (this) {
      closed = true;
      events.add("[close]");
    }
    inUse.set(false);
  }

  private void enter() {
    if (!inUse.compareAndSet(false, true)) {
      throw new IllegalStateException("two threads at once");
    }
  }

  /** What every write held, in order, and {@code [reopen]} and {@code [close]}. */
  public synchronized List<String> events() {
    return List.copyOf(events);
  }

  public synchronized String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Without their newlines. */
  public List<String> lines() {
    return text().lines().toList();
  }

  public synchronized boolean isClosed() {
    return closed;
  }
}
