package org.vmlog.platform;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the daemon's threads: named for what they do, and none of them keeps the process alive. */
public final class Threads {
  private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

  private Threads() {}

  /** Threads called {@code role}, {@code role-2} and so on. */
  public static ThreadFactory named(String role) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      int number = count.incrementAndGet();
      Thread thread = new Role(task, number == 1 ? role : role + "-" + number);
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler(
          (dying, cause) -> {
            OutOfMemory.exitIf(cause);
            LOG.error("thread {} ended", dying.getName(), cause);
          });
      return thread;
    };
  }

  /**
   * One thread that runs what is due later. What has failed once is due again all the same, where
   * Java's own would never run it again, and say nothing.
   */
  public static ScheduledThreadPoolExecutor timer(String role) {
    ScheduledThreadPoolExecutor timer = new Timer(named(role));
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  private static final class Timer extends ScheduledThreadPoolExecutor {
    Timer(ThreadFactory threads) {
      super(1, threads);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      return super.schedule(contained(task), delay, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable task, long first, long period, TimeUnit unit) {
      return super.scheduleAtFixedRate(contained(task), first, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable task, long first, long pause, TimeUnit unit) {
      return super.scheduleWithFixedDelay(contained(task), first, pause, unit);
    }

    private static Runnable contained(Runnable task) {
      return () -> Faults.contain("a timed task", task);
    }
  }

  /** A thread that the kernel refuses is one that somebody goes on counting on. */
  private static final class Role extends Thread {
    Role(Runnable task, String name) {
      super(task, name);
    }

    @Override
    public synchronized void start() {
      try {
        super.start();
      } catch (OutOfMemoryError e) {
        OutOfMemory.exitIf(e);
        throw e;
      }
    }
  }
}
