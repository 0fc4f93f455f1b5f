package org.vmlog.route;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LoopChores;
import org.vmlog.platform.LoopShift;

/**
 * The pipes that an event loop's thread drains itself, between two rounds: those that it has itself
 * appended to, as long as that is one short write to a file that is ready for it. So nobody has to
 * be woken up, to write or to answer. All others are for the {@link PipeWriters}, and all are while
 * something hangs.
 *
 * <p>A write that hangs all the same costs the loop its thread and not its time: the writers look
 * after it, and have it relieved. Called by the thread that has the loop's shift, or had it before
 * its last write.
 */
final class LoopDrains implements LoopChores, DeviceCall {
  private static final Logger LOG = LoggerFactory.getLogger(LoopDrains.class);

  /** The loop that the current thread runs, or has run. */
  private static final ThreadLocal<LoopDrains> HERE = new ThreadLocal<>();

  private final PipeWriters writers;
  private final LoopShift shift;
  private final ArrayDeque<LogPipe> ready = new ArrayDeque<>(); // of who has the shift
  private boolean ended; // as well

  /** What a call to a sink is made for; published by the call's beginning. */
  private @Nullable LogPipe current;

  /** Keeps a watch on from one drain to the next. */
  private volatile boolean active;

  LoopDrains(PipeWriters writers, LoopShift shift) {
    this.writers = writers;
    this.shift = shift;
  }

  /** Takes on a pipe if the current thread is a loop's that may drain it. */
  static boolean take(LogPipe pipe, PipeWriters writers) {
    LoopDrains here = HERE.get();
    if (here == null || here.writers != writers || !here.shift.isMine() || here.ended) {
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
    do {
      drainReady();
      shift.resume();
    } while (shift.isMine() && !ready.isEmpty()); // a substitute has left some
  }

  private void drainReady() {
    while (shift.isMine()) {
      LogPipe pipe = ready.pollFirst();
      if (pipe == null) {
        return;
      }
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
    if (!active) {
      active = true;
    }
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

  @Override
  public void end() {
    run();
    if (shift.isMine()) {
      ended = true;
    }
  }

  @Override
  public void beginCall(long now) {
    if (shift.isMine()) {
      shift.beginCall(now);
      writers.watchLoops(); // only a call that has begun is sure to keep the watch from ending
    }
  }

  @Override
  public void endCall(long began) {
    if (shift.isMine()) {
      shift.endCall(began);
    }
  }

  // What follows is for the writers' watch.

  /** The pipe for which the loop's thread has been in a call for so long; null if it has not. */
  @Nullable LogPipe hanging(long now, long limitNanos) {
    return shift.isInCall(now, limitNanos) ? current : null;
  }

  /** Relieves the thread if it is still in that call; answers which it was, or null. */
  @Nullable Thread relieve(long now, long limitNanos) {
    return shift.relieve(now, limitNanos);
  }

  /** Whether anything was drained since this was last asked, or is now. */
  boolean wasActive() {
    boolean was = active;
    if (was) {
      active = false;
    }
    return was || shift.isInCall();
  }
}
