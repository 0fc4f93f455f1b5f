package org.vmlog.route;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.OutOfMemory;

/**
 * The threads that drain pipes: a few, and spares for those that hang in a device.
 *
 * <p>{@value #BASE_WRITERS} writers take pipes in the order in which they were handed over. A
 * writer that has been in one drain for {@link #STUCK_AFTER} counts as stuck: another takes its
 * place, up to {@value #MAX_WRITERS} in all, and it retires when it comes back to find enough
 * without it. With {@value #MAX_STUCK_PER_DEVICE} writers known to be stuck in one device, further
 * pipes of that device are parked until one returns, so that a hung file system delays its own
 * pipes and nobody else's.
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
  // Guarded by lock, down to the constructor.
  private final ArrayDeque<LogPipe> ready = new ArrayDeque<>();
  private final Map<Object, Device> devices = new HashMap<>();
  private final List<Writer> writers = new ArrayList<>();
  private int idle;
  private int stuck;
  private @Nullable ScheduledFuture<?> watch;
  private boolean stopped;

  /** A device in which writers are stuck, and the pipes that wait for it. Guarded by the lock. */
  private static final class Device {
    int stuck;
    final ArrayDeque<LogPipe> parked = new ArrayDeque<>();
  }

  /**
   * Makes writers; threads are started as they are needed.
   *
   * @param timer runs what is due later; its tasks here never block
   */
  public PipeWriters(ThreadFactory threads, ScheduledExecutorService timer) {
    this.threads = threads;
    this.timer = timer;
  }

  @Override
  public void submit(LogPipe pipe) {
    synchronized (lock) {
      ready.addLast(pipe);
      callFurther();
    }
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

  /** Guarded by lock. Gets one more writer to work if there is something left for it. */
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

  /** Guarded by lock. The next pipe whose device is not full of stuck writers. */
  private @Nullable LogPipe nextReady() {
    for (LogPipe pipe = ready.pollFirst(); pipe != null; pipe = ready.pollFirst()) {
      Device device = devices.isEmpty() ? null : devices.get(pipe.device());
      if (device == null || device.stuck < MAX_STUCK_PER_DEVICE) {
        return pipe;
      }
      device.parked.addLast(pipe);
    }
    return null;
  }

  /** Looks for writers that hang. Runs on the timer, only while some writer is in a drain. */
  private void watch() {
    synchronized (lock) {
      long now = System.nanoTime();
      boolean busy = false;
      for (Writer writer : List.copyOf(writers)) {
        busy |= writer.pipe != null;
        if (writer.pipe != null
            && writer.stuckIn == null
            && now - writer.since >= STUCK_AFTER_NANOS) {
          writer.stuckIn = writer.pipe.device();
          devices.computeIfAbsent(writer.stuckIn, key -> new Device()).stuck++;
          stuck++;
          callFurther();
        }
      }
      if (!busy && watch != null) {
        watch.cancel(false);
        watch = null;
      }
    }
  }

  /** Guarded by lock. */
  private void begin(Writer writer, LogPipe pipe) {
    writer.pipe = pipe;
    writer.since = System.nanoTime();
    if (watch == null && !stopped) {
      long period = STUCK_AFTER_NANOS / 2;
      watch = timer.scheduleWithFixedDelay(this::watch, period, period, TimeUnit.NANOSECONDS);
    }
  }

  /** Guarded by lock. */
  private void end(Writer writer) {
    writer.pipe = null;
    if (writer.stuckIn != null) {
      Device device = devices.get(writer.stuckIn);
      writer.stuckIn = null;
      stuck--;
      if (device != null) {
        device.stuck--;
        ready.addAll(device.parked);
        device.parked.clear();
        devices.values().removeIf(one -> one.stuck == 0);
      }
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
        Drained drained = drain(mine);
        if (drained instanceof Drained.Later later) {
          LogPipe delayed = mine;
          later(() -> submit(delayed), later.delay());
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

    private Drained drain(LogPipe pipe) {
      try {
        return pipe.drain();
      } catch (RuntimeException | Error e) {
        OutOfMemory.exitIf(e);
        // A bug, not a disk: sinks answer with results. Nothing of this pipe is acknowledged, but
        // the writer goes on: nobody would miss its thread.
        LOG.error("draining {} failed", pipe, e);
        return new Drained.Later(Duration.ofSeconds(1));
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
