package org.vmlog.route;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.vmlog.testing.Await;

/** Remembers what it was told, and how often. Thread-safe. */
final class RecordingAck implements Ack {
  private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final Runnable onWritten;

  RecordingAck() {
    this(() -> {});
  }

  /** Runs something when it is told that the lines are written. */
  RecordingAck(Runnable onWritten) {
    this.onWritten = onWritten;
  }

  @Override
  public void written() {
    calls.incrementAndGet();
    onWritten.run();
    outcome.complete(true);
  }

  @Override
  public void failed(IOException cause) {
    calls.incrementAndGet();
    outcome.complete(false);
  }

  /** Waits to be told; true for written. */
  boolean await() {
    return Await.value(outcome);
  }

  boolean isTold() {
    return outcome.isDone();
  }

  int calls() {
    return calls.get();
  }
}
