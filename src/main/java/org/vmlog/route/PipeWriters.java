package org.vmlog.route;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

  @GuardedBy("lock")
  private final List<LoopDrains> loops = new ArrayList<>();

  @GuardedBy("lock")
  private int idle;

  @GuardedBy("lock")
  private int stuck;

  @GuardedBy("lock")
  private boolean stopped;

  private volatile boolean watching; // written under lock, read without

  /**
   * Makes writers; threads are started as they are needed.
   *
   * @param timer runs what is due later; its tasks here never block
   */
  public PipeWriters(ThreadFactory threads, ScheduledExecutorService timer) {
    this.threads = threads;
    this.timer = timer;
  }

  /** The chores of a loop with this shift; from now on it may have a substitute at any time. */
  public Runnable drainsOn(LoopShift shift) {
    LoopDrains drains = new LoopDrains(this, shift);
    synchronized (lock) {
      loops.add(drains);
    }
    return drains;
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
      writer.thread.start();
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
    return devices.isCalm();
  }

  /** The calling thread, a loop's, is back from where it may have been relieved. */
  void returned() {
    synchronized (lock) {
      devices.returned(Thread.currentThread(), ready);
      callFurther();
    }
  }

  /** Looks before long for what hangs. Called whenever something begins that may. */
  void watch() {
    if (watching) {
      return;
    }
    synchronized (lock) {
      if (!watching && !stopped) {
        watching = true;
        var unused = timer.schedule(this::look, STUCK_AFTER_NANOS / 2, TimeUnit.NANOSECONDS);
      }
    }
  }

  /** Runs on the timer, only while something is drained. */
  private void look() {
    boolean busy = false;
    synchronized (lock) {
      watching = false; // whoever begins from here on has a look of its own, or is seen below
      long now = System.nanoTime();
      for (LoopDrains loop : loops) {
        busy |= loop.relieve(now, STUCK_AFTER_NANOS, devices, ready);
      }
      callFurther();
      for (Writer writer : List.copyOf(writers)) {
        busy |= writer.pipe != null;
        if (writer.pipe != null && !writer.hangs && now - writer.since >= STUCK_AFTER_NANOS) {
          writer.hangs = true;
          stuck++;
          devices.hangs(writer.thread, writer.pipe.device());
          callFurther();
        }
      }
    }
    if (busy) {
      watch();
    }
  }

  @GuardedBy("lock")
  private void begin(Writer writer, LogPipe pipe) {
    writer.pipe = pipe;
    writer.since = System.nanoTime();
    watch();
  }

  @GuardedBy("lock")
  private void end(Writer writer) {
    writer.pipe = null;
    if (writer.hangs) {
      devices.returned(writer.thread, ready);
      writer.hangs = false;
      stuck--;
    }
  }

  /**
   * Drains a pipe.
   *
   * @param loop see {@link LogPipe#drain}
   */
  static Drained drain(LogPipe pipe, @Nullable LoopDrains loop) {
    try {
      return pipe.drain(loop);
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
    final Thread thread = threads.newThread(this);

    // Guarded by lock.
    @Nullable LogPipe pipe;
    boolean hangs;
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
