package org.vmlog.intake;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.Faults;
import org.vmlog.platform.LoopShift;
import org.vmlog.platform.OutOfMemory;
import org.vmlog.platform.SelectorWait;
import org.vmlog.record.SyslogParser;
import org.vmlog.route.Route;

/**
 * Reads every VM's datagram socket, on one thread with one selector, as long as that does not hang
 * in what it does besides; then it is another thread for a while. Opening and closing are done
 * there too and waited for, so that a VM that is started again finds its former socket read to the
 * end. Thread-safe.
 */
public final class VmmSockets implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VmmSockets.class);

  /** How often a stalled socket looks whether its patience is over. */
  private static final long STALLED_LOOK_MILLIS = 50;

  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(60);

  private final Selector selector;
  private final VmmSocket.Workspace workspace;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Set<SelectionKey> stalled = new HashSet<>(); // confined to the thread
  private final LoopShift shift;
  private volatile boolean closing;

  private VmmSockets(
      Selector selector,
      VmmSocket.Workspace workspace,
      ThreadFactory threads,
      Function<LoopShift, Runnable> chores) {
    this.selector = selector;
    this.workspace = workspace;
    this.shift = new LoopShift(this::rounds, selector::wakeup, threads, chores);
  }

  /** Starts the thread, which does nothing else; there are no sockets yet. */
  public static VmmSockets start(
      ThreadFactory threads, SyslogParser parser, InstantSource clock, IntakeCounters counters)
      throws IOException {
    return start(threads, shift -> () -> {}, parser, clock, counters);
  }

  /**
   * Starts the thread; there are no sockets yet.
   *
   * @param chores makes what the thread does besides; see {@link LoopShift}
   * @param parser used on that thread alone
   */
  public static VmmSockets start(
      ThreadFactory threads,
      Function<LoopShift, Runnable> chores,
      SyslogParser parser,
      InstantSource clock,
      IntakeCounters counters)
      throws IOException {
    VmmSockets sockets =
        new VmmSockets(
            DatagramListener.openSelector(),
            new VmmSocket.Workspace(parser, clock, counters),
            threads,
            chores);
    threads.newThread(sockets::run).start();
    return sockets;
  }

  /** An open socket of a VM. */
  public final class Handle implements AutoCloseable {
    private final SelectionKey key;

    private Handle(SelectionKey key) {
      this.key = key;
    }

    /** Reads what still waits, then closes the socket and removes its file. */
    @Override
    public void close() throws IOException {
      if (key.isValid()) { // else it was closed with all the others
        await(
            () -> {
              drainAndClose(key);
              return key;
            });
      }
    }
  }

  /** Reads a bound socket from now on; its lines go along the route. */
  public Handle read(DatagramListener listener, Route route) throws IOException {
    return await(() -> new Handle(register(listener, route)));
  }

  private SelectionKey register(DatagramListener listener, Route route) throws IOException {
    SelectionKey[] key = new SelectionKey[1];
    Runnable roomAgain = () -> execute(() -> read(key[0]));
    VmmSocket socket = new VmmSocket(listener, route, workspace, roomAgain);
    key[0] = listener.register(selector, socket);
    return key[0];
  }

  /** Completes when the thread has got so far; never, if it has ended. */
  public CompletableFuture<Void> whenResponsive() {
    return CompletableFuture.runAsync(() -> {}, this::execute);
  }

  private void execute(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  private <T> T await(Callable<T> work) throws IOException {
    CompletableFuture<T> done = new CompletableFuture<>();
    execute(
        () -> {
          try {
            done.complete(work.call());
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    try {
      var unused = CompletableFuture.anyOf(done, ended).get();
      if (!done.isDone()) {
        throw new IOException("the sockets of the VMMs are closed");
      }
      return done.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the sockets' thread", e);
    }
  }

  private void run() {
    shift.begin();
    rounds();
  }

  /** Runs the loop on the thread that has the shift. */
  private void rounds() {
    try {
      while (!closing && shift.goesOn()) {
        select();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          Faults.contain("a task", task);
        }
        shift.chores();
      }
      if (shift.isMine()) {
        finish();
      }
    } catch (IOException | RuntimeException | Error e) {
      OutOfMemory.exitIf(e);
      // Whoever waits for this thread is on the lifecycle's, and with it every VM's start.
      ended.completeExceptionally(e);
      LOG.error("the sockets of the VMMs are not read any more", e);
      shift.end(); // nobody else drains what was read until now
    }
  }

  /** Run again by the next thread if this one hangs in it. */
  private void finish() throws IOException {
    if (selector.isOpen()) {
      for (SelectionKey key : List.copyOf(selector.keys())) {
        drainAndClose(key);
      }
      selector.close();
    }
    shift.end();
    ended.complete(null);
  }

  private void select() throws IOException {
    SelectorWait.await(selector, stalled.isEmpty() ? 0 : STALLED_LOOK_MILLIS);
    for (SelectionKey key : List.copyOf(selector.selectedKeys())) {
      Faults.contain(key.attachment(), () -> read(key));
    }
    selector.selectedKeys().clear();
    for (SelectionKey key : List.copyOf(stalled)) {
      Faults.contain(key.attachment(), () -> read(key));
    }
  }

  private void read(SelectionKey key) {
    if (!key.isValid()) {
      stalled.remove(key);
      return;
    }
    VmmSocket socket = (VmmSocket) key.attachment();
    socket.read(key);
    if (socket.isStalled()) {
      stalled.add(key);
    } else {
      stalled.remove(key);
    }
  }

  private void drainAndClose(SelectionKey key) {
    stalled.remove(key);
    if (!key.isValid()) {
      return;
    }
    VmmSocket socket = (VmmSocket) key.attachment();
    Faults.contain(socket, socket::drain);
    try {
      socket.close();
    } catch (IOException e) {
      LOG.warn("a VMM's socket could not be closed: {}", e.toString());
    }
    key.cancel();
  }

  /** Reads every socket to its end and closes all of them. */
  @Override
  public void close() {
    close(CLOSE_PATIENCE);
  }

  /** The same, and waits for its end for no longer than this. */
  public void close(Duration patience) {
    closing = true;
    selector.wakeup();
    try {
      ended.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the VMMs' sockets: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
