package org.vmlog.platform;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one selector: it watches junixsocket's sockets and runs the tasks that it is
 * given. What is used only on it needs no lock.
 *
 * <p>Thread-safe; what is watched and every task is called on the loop's own thread.
 */
public final class SelectorLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SelectorLoop.class);

  /** The attachment of every key of the selector. */
  @FunctionalInterface
  public interface Watched {
    /**
     * The socket can do what it is watched for. Must not block.
     *
     * @param key no longer valid if the other side has hung up: junixsocket has then ceased to
     *     watch, whatever is still to be read, and this is the last call. Or it was cancelled by
     *     whoever was called just before.
     */
    void ready(SelectionKey key);
  }

  /** A task that is due at a time of System.nanoTime. */
  private record Later(long dueNanos, Runnable task) implements Comparable<Later> {
    @Override
    public int compareTo(Later other) {
      return Long.signum(dueNanos - other.dueNanos);
    }
  }

  private final Selector selector;
  private final Runnable lastTask;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Later> later = new PriorityQueue<>(); // confined to the thread
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean closing;

  private SelectorLoop(Selector selector, Runnable lastTask) {
    this.selector = selector;
    this.lastTask = lastTask;
  }

  /**
   * Starts the thread.
   *
   * @param lastTask run on it when the loop is closed, after all others
   */
  public static SelectorLoop start(ThreadFactory threads, Runnable lastTask) throws IOException {
    SelectorLoop loop = new SelectorLoop(DatagramListener.openSelector(), lastTask);
    threads.newThread(loop::run).start();
    return loop;
  }

  /** What to register with; only on the loop's thread. */
  public Selector selector() {
    return selector;
  }

  /** Runs a task soon; nothing comes of it once the loop is closed. */
  public void execute(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  /** Runs a task after a while, unless the loop is closed by then; only on the loop's thread. */
  public void executeAfter(Duration delay, Runnable task) {
    later.add(new Later(System.nanoTime() + delay.toNanos(), task));
  }

  private void run() {
    try {
      while (!closing) {
        select();
        for (SelectionKey key : List.copyOf(selector.selectedKeys())) {
          run(() -> ((Watched) key.attachment()).ready(key));
        }
        selector.selectedKeys().clear();
        runTasks();
      }
      runTasks();
      lastTask.run();
      selector.close();
    } catch (IOException | RuntimeException e) {
      LOG.error("{} ended", Thread.currentThread().getName(), e);
    } finally {
      ended.complete(null);
    }
  }

  private void select() throws IOException {
    Later next = later.peek();
    if (next == null) {
      SelectorWait.await(selector);
    } else {
      long millis = TimeUnit.NANOSECONDS.toMillis(next.dueNanos() - System.nanoTime()) + 1;
      SelectorWait.await(selector, Math.max(1, millis));
    }
  }

  private void runTasks() {
    for (Later next = later.peek();
        next != null && next.dueNanos() - System.nanoTime() <= 0;
        next = later.peek()) {
      run(later.remove().task());
    }
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      run(task);
    }
  }

  /** One that fails is no reason to leave the others without a thread. */
  private static void run(Runnable task) {
    Faults.contain("a task", task);
  }

  /** Runs the tasks that wait, and the last one, and ends the thread. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    ended.join();
  }
}
