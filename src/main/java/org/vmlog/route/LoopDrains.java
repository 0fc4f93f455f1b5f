package org.vmlog.route;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LoopShift;

/**
 * An event loop's chores: to drain the pipes that its thread has appended to itself, as long as
 * that is one short write to a file that is ready for it. So nobody has to be woken up, to write or
 * to answer. All others are for the {@link PipeWriters}, and all are while something hangs.
 *
 * <p>A write that hangs all the same costs the loop its thread and not its time: the writers look
 * after it, and have it relieved. Called by the thread that has the loop's shift, or had it before
 * its last write.
 */
final class LoopDrains implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(LoopDrains.class);

  /** The loop that the current thread runs, or has run. */
  private static final ThreadLocal<LoopDrains> HERE = new ThreadLocal<>();

  private final PipeWriters writers;
  private final LoopShift shift;
  private final ArrayDeque<LogPipe> ready = new ArrayDeque<>(); // of who has the shift

  /** What a call to a sink is made for; published by the call's beginning. */
  private @Nullable LogPipe current;

  LoopDrains(PipeWriters writers, LoopShift shift) {
    this.writers = writers;
    this.shift = shift;
  }

  /** Takes on a pipe if the current thread is a loop's that may drain it. */
  static boolean take(LogPipe pipe, PipeWriters writers) {
    LoopDrains here = HERE.get();
    if (here == null || here.writers != writers || !here.shift.hasChoresToCome()) {
      return false;
    }
    here.ready.addLast(pipe);
    return true;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // which loop, not what it is like
  public void run() {
    if (HERE.get() != this) {
      HERE.set(this);
    }
    while (shift.isMine() && !ready.isEmpty()) {
      LogPipe pipe = ready.removeFirst();
      if (isQuick(pipe)) {
        drain(pipe);
      } else {
        writers.enqueue(pipe);
      }
    }
  }

  private boolean isQuick(LogPipe pipe) {
    try {
      return writers.isCalm() && pipe.isQuick();
    } catch (RuntimeException e) {
      LOG.error("the sink of {} does not say whether it is ready", pipe, e); // a bug of the sink's
      return false;
    }
  }

  private void drain(LogPipe pipe) {
    current = pipe;
    Drained drained = PipeWriters.drain(pipe, this);
    if (!writers.isCalm()) {
      writers.returned(); // if it was relieved; it may have the loop again by now
    }
    if (drained == Drained.AGAIN) {
      writers.enqueue(pipe);
    } else if (drained instanceof Drained.Later later) {
      writers.enqueueLater(pipe, later);
    }
  }

  /** Is about to call the sink, and nothing but the sink. */
  void beginCall(long now) {
    shift.beginCall(now);
    writers.watch(); // only a call that has begun is sure to be seen
  }

  /** Has called it; see {@link LoopShift#endCall}. */
  void endCall(long began) {
    shift.endCall(began);
  }

  /** Has the loop relieved if its thread has hung in a call; true while it is in one. */
  boolean relieve(long now, long limitNanos, HungDevices devices, Queue<LogPipe> others) {
    long since = shift.callSince();
    LogPipe pipe = current;
    Thread thread = shift.runner();
    if (since != 0 && now - since >= limitNanos && pipe != null && thread != null) {
      devices.hangs(thread, pipe.device()); // before a substitute looks, or the one who hangs
      if (!shift.relieve(since)) {
        devices.returned(thread, others);
      }
    }
    return since != 0;
  }
}
