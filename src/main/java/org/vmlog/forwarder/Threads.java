package org.vmlog.forwarder;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.OutOfMemory;

/** Makes the daemon's threads: named for what they do, and none of them keeps the process alive. */
final class Threads {
  private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

  private Threads() {}

  /** Threads called {@code role}, {@code role-2} and so on. */
  static ThreadFactory named(String role) {
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
