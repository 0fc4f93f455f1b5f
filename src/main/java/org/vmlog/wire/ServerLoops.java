package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.channel.IoEventLoop;
import io.grpc.netty.shaded.io.netty.channel.IoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.SingleThreadIoEventLoop;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocal;
import io.grpc.netty.shaded.io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.vmlog.platform.LoopShift;

/**
 * Event loops that have chores, and go on with another thread when theirs hangs in one: see {@link
 * LoopShift}. Thread-safe.
 */
final class ServerLoops extends MultiThreadIoEventLoopGroup {
  /** What the superclass's constructor passes on to {@link #newChild}, which it calls. */
  private record Crew(ThreadFactory threads, Function<LoopShift, Runnable> chores) {}

  ServerLoops(int loops, ThreadFactory threads, Function<LoopShift, Runnable> chores) {
    super(
        loops,
        new ThreadPerTaskExecutor(threads),
        EpollIoHandler.newFactory(),
        new Crew(threads, chores));
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory io, Object... args) {
    return new Loop(this, executor, io, (Crew) args[0]);
  }

  private static final class Loop extends SingleThreadIoEventLoop {
    /** Of tasks in a round; as long as a round of the superclass. */
    private static final long TASK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LoopShift shift;

    Loop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory io, Crew crew) {
      super(parent, executor, io);
      // Only a task is sure to wake a loop that is just about to wait.
      Runnable wakeUp = () -> execute(() -> {});
      shift = new LoopShift(this::substitute, wakeUp, crew.threads(), crew.chores());
    }

    @Override
    public boolean inEventLoop(Thread thread) {
      Thread runner = shift == null ? null : shift.runner(); // null while it is made
      return runner == null ? super.inEventLoop(thread) : runner == thread;
    }

    @Override
    protected void run() {
      shift.begin();
      try {
        super.run();
      } finally {
        shift.end();
      }
    }

    @Override
    protected int runIo() {
      shift.chores(); // of tasks that ran since
      if (!shift.isMine()) {
        return 0;
      }
      int handled = super.runIo();
      shift.chores();
      return handled;
    }

    private void substitute() {
      try {
        while (shift.goesOn()) {
          var unused = runIo();
          if (shift.isMine()) {
            var unusedToo = runAllTasks(TASK_NANOS);
          }
        }
      } finally {
        FastThreadLocal.removeAll();
      }
    }
  }
}
