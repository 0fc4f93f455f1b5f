package org.vmlog.route;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LoopChores;
import org.vmlog.platform.LoopShift;
import org.vmlog.platform.OutOfMemory;

/**
 * Who drains pipes: event loops their own, as {@link LoopDrains} says, and for all else a few
 * threads, with spares for those that hang in a device.
 *
 * <p>{@value #BASE_WRITERS} writers take pipes in the order in which they were handed over. A
 * writer that has been in one drain for {@link #STUCK_AFTER} counts as stuck: another takes its
 * place, up to {@value #MAX_WRITERS} in all, and it retires when it comes back to find enough
 * without it. With {@value #MAX_STUCK_PER_DEVICE} threads known to be stuck in one device, further
 * pipes of that device are parked until one returns, so that a hung file system delays its own
 * pipes and nobody else's. An event loop whose thread is stuck is run by another, and as long as
 * anything is stuck no loop drains a pipe.
 *
 * <p>The lock is held for a few instructions, never across a drain. Thread-safe.
 */
public final class PipeWriters implements DrainScheduler, AutoCloseable {
  static final int BASE_WRITERS = 2;
  static final int MAX_WRITERS = 64;
  static final int MAX_STUCK_PER_DEVICE = 8;

  /** Well under the 50 ms that another source's ack may be late when a disk hangs. */
  static final Duration STUCK_AFTER = Duration.ofMillis(20);

  private static final long STUCK_AFTER_NANOS = STUCK_AFTER.toNanos();
  private static final Logger LOG = LoggerFactory.getLogger(PipeWriters.class);

  private final ThreadFactory threads;
  private final ScheduledExecutorService timer;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<LogPipe> ready = new ArrayDeque<>();

  private final HungDevices devices = new HungDevices(MAX_STUCK_PER_DEVICE);

  @GuardedBy("lock")
  private final List<Writer> writers = new ArrayList<>();

  private final HungLoops hungLoops = new HungLoops(devices);

  @GuardedBy("lock")
  private int idle;

  @GuardedBy("lock")
  private int stuck;

  @GuardedBy("lock")
  private @Nullable ScheduledFuture<?> watch;

  @GuardedBy("lock")
  private boolean stopped;

  // Written under lock, read without.
  private volatile boolean noneStuck = true;
  private volatile boolean watching;

  /**
   * Makes writers; threads are started as they are needed.
   *
   * @param timer runs what is due later; its tasks here never block
   */
  public PipeWriters(ThreadFactory threads, ScheduledExecutorService timer) {
    this.threads = threads;
    this.timer = timer;
  }

  /** The drains of a loop with this shift; from now on it may have a substitute at any time. */
  public LoopChores drainsOn(LoopShift shift) {
    synchronized (lock) {
      return hungLoops.add(this, shift);
    }
  }

  @Override
  public void submit(LogPipe pipe) {
    if (!LoopDrains.take(pipe, this)) {
      enqueue(pipe);
    }
  }

  /** Has a writer drain it. */
  void enqueue(LogPipe pipe) {
    synchronized (lock) {
      ready.addLast(pipe);
      callFurther();
    }
  }

  /** Has a writer drain it when its sink may take more. */
  void enqueueLater(LogPipe pipe, Drained.Later later) {
    later(() -> enqueue(pipe), later.delay());
  }

  /** Runs a task on the timer; it must be quick. Not run at all once the writers are closed. */
  @Override
  public void later(Runnable task, Duration delay) {
    synchronized (lock) {
      if (!stopped) {
        var unused = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      }
    }
  }

  /** Ends the writers; pipes that still wait stay as they are. Close the pipes first. */
  @Override
  public void close() {
    synchronized (lock) {
      stopped = true;
      lock.notifyAll();
    }
  }

  /** Gets one more writer to work if there is something left for it. */
  @GuardedBy("lock")
  private void callFurther() {
    if (ready.isEmpty()) {
      return;
    }
    if (idle > 0) {
      lock.notify();
    } else if (writers.size() - stuck < BASE_WRITERS && writers.size() < MAX_WRITERS && !stopped) {
      Writer writer = new Writer();
      writers.add(writer);
      threads.newThread(writer).start();
    }
  }

  /** The next pipe whose device is not full of stuck threads. */
  @GuardedBy("lock")
  private @Nullable LogPipe nextReady() {
    LogPipe pipe = ready.pollFirst();
    while (pipe != null && devices.park(pipe)) {
      pipe = ready.pollFirst();
    }
    return pipe;
  }

  /** Whether nothing is known to hang. */
  boolean isCalm() {
    return noneStuck && hungLoops.isNone();
  }

  /** Sees to it that loops which hang are relieved. Called as each call on a loop begins. */
  void watchLoops() {
    if (!watching) {
      synchronized (lock) {
        startWatch();
      }
    }
  }

  /** The calling thread, a loop's, is back from where it may have been relieved. */
  void returned() {
    synchronized (lock) {
      hungLoops.returned(ready);
      callFurther();
    }
  }

  @GuardedBy("lock")
  private void startWatch() {
    if (watch == null && !stopped) {
      long period = STUCK_AFTER_NANOS / 2;
      watch = timer.scheduleWithFixedDelay(this::watch, period, period, TimeUnit.NANOSECONDS);
      watching = true;
    }
  }

  /** Looks for what hangs. Runs on the timer, only while something is drained. */
  private void watch() {
    synchronized (lock) {
      watching = false; // whoever begins from here on begins a new one, or is seen below
      long now = System.nanoTime();
      boolean busy = hungLoops.watch(now, STUCK_AFTER_NANOS);
      busy |= watchWriters(now);
      if (busy) {
        watching = true;
      } else if (watch != null) {
        watch.cancel(false);
        watch = null;
      }
    }
  }

  /** True when one is in a drain. */
  @GuardedBy("lock")
  private boolean watchWriters(long now) {
    boolean busy = false;
    for (Writer writer : List.copyOf(writers)) {
      busy |= writer.pipe != null;
      if (writer.pipe != null
          && writer.stuckIn == null
          && now - writer.since >= STUCK_AFTER_NANOS) {
        writer.stuckIn = writer.pipe.device();
        devices.hangs(writer.stuckIn);
        stuck++;
        noneStuck = false;
        callFurther();
      }
    }
    return busy;
  }

  @GuardedBy("lock")
  private void begin(Writer writer, LogPipe pipe) {
    writer.pipe = pipe;
    writer.since = System.nanoTime();
    startWatch();
  }

  @GuardedBy("lock")
  private void end(Writer writer) {
    writer.pipe = null;
    if (writer.stuckIn != null) {
      devices.returned(writer.stuckIn, ready);
      writer.stuckIn = null;
      stuck--;
      noneStuck = stuck == 0;
    }
  }

  /**
   * Drains a pipe.
   *
   * @param call is told of each call to the sink, and then only lines are written; null for
   *     everything that waits
   */
  static Drained drain(LogPipe pipe, @Nullable DeviceCall call) {
    try {
      return call == null ? pipe.drain() : pipe.drainLines(call);
    } catch (RuntimeException | Error e) {
      OutOfMemory.exitIf(e);
      // A bug, not a disk: sinks answer with results. Nothing of this pipe is acknowledged, but
      // the thread goes on: nobody would miss it.
      LOG.error("draining {} failed", pipe, e);
      return new Drained.Later(Duration.ofSeconds(1));
    }
  }

  /** One thread: takes a pipe, drains it, acts on what the drain left. */
  private final class Writer implements Runnable {
    // Guarded by lock.
    @Nullable LogPipe pipe;
    @Nullable Object stuckIn;
    long since;

    @Override
    public void run() {
      LogPipe mine = await();
      while (mine != null) {
        Drained drained = drain(mine, null);
        if (drained instanceof Drained.Later later) {
          enqueueLater(mine, later);
        }
        synchronized (lock) {
          end(this);
          if (drained == Drained.AGAIN) {
            ready.addLast(mine);
          }
        }
        mine = await();
      }
    }

    /** Waits for a pipe; null when this writer is one too many or all are closed. */
    private @Nullable LogPipe await() {
      synchronized (lock) {
        while (true) {
          if (stopped || writers.size() - stuck > BASE_WRITERS) {
            writers.remove(this);
            callFurther(); // what it has just put back is for the others
            return null;
          }
          LogPipe next = nextReady();
          if (next != null) {
            begin(this, next);
            callFurther();
            return next;
          }
          idle++;
          try {
            lock.wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true; // whoever interrupts the writers wants them gone
          } finally {
            idle--;
          }
        }
      }
    }
  }
}
