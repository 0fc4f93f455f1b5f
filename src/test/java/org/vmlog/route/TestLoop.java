package org.vmlog.route;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.vmlog.platform.LoopShift;
import org.vmlog.testing.Await;

/**
 * An event loop as small as can be: a round is one task, then the chores, which are to drain pipes.
 * Thread-safe.
 */
final class TestLoop implements AutoCloseable {
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final LoopShift shift;
  private volatile boolean closing;

  /** Starts its own thread; by the time this returns, that drains pipes. */
  TestLoop(Pipes pipes) {
    Runnable wakeUp = () -> execute(() -> {});
    shift = new LoopShift(this::rounds, wakeUp, pipes::thread, pipes.writers::drainsOn);
    pipes.thread(this::run).start();
    call(() -> null);
    call(() -> null); // only after the chores of the first round
  }

  /** Runs a task in a round of its own. */
  void execute(Runnable task) {
    tasks.add(task);
  }

  /** Has a round call this, and waits for what it answers. */
  <T> T call(Callable<T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    execute(
        () -> {
          try {
            answer.complete(task.call());
          } catch (Exception e) {
            answer.completeExceptionally(e);
          }
        });
    return Await.value(answer);
  }

  /** Who runs the next round. */
  Thread runner() {
    return call(Thread::currentThread);
  }

  private void run() {
    shift.begin();
    rounds();
  }

  private void rounds() {
    try {
      while (!closing && shift.goesOn()) {
        tasks.take().run();
        shift.chores();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (shift.isMine()) {
      shift.end();
      ended.complete(null);
    }
  }

  /** Ends after what was given to it, and waits for that. */
  @Override
  public void close() {
    execute(() -> closing = true);
    Await.value(ended);
  }
}
