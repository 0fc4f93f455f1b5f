package org.vmlog.platform;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Which thread runs an event loop. Its own does; but while that hangs in a call, a substitute runs
 * the loop, until the own thread is back and has it returned between two rounds.
 *
 * <p>So a loop can make calls that are quick as a rule and may take for ever, as write(2) to a file
 * does, without a thread for them and a wake-up each, and without being held up for longer than the
 * one who calls {@link #relieve} allows. Such a call is made between rounds, where nothing of the
 * loop's is half done; a thread that returns from it and does not have the shift any more leaves
 * the loop's state alone.
 *
 * <p>Thread-safe: relieving, having the loop returned and coming back from a call may meet.
 */
public final class LoopShift {
  private static final long NO_CALL = 0;

  private final Runnable rounds;
  private final Runnable wakeUp;
  private final ThreadFactory substitutes;

  /** When the call began that the loop's thread is in, by System.nanoTime. */
  private final AtomicLong callSince = new AtomicLong(NO_CALL);

  private final Object lock = new Object();
  private volatile @Nullable Thread own;
  private volatile @Nullable Thread runner;
  private volatile boolean wanted;

  /**
   * Makes the shift of a loop that no thread runs yet.
   *
   * @param rounds runs the loop on a substitute for as long as it {@link #goesOn}
   * @param wakeUp has the loop begin a round if it waits; called by any thread
   */
  public LoopShift(Runnable rounds, Runnable wakeUp, ThreadFactory substitutes) {
    this.rounds = rounds;
    this.wakeUp = wakeUp;
    this.substitutes = substitutes;
  }

  /** Begins: the calling thread is the loop's own. */
  public void begin() {
    own = Thread.currentThread();
    runner = own;
  }

  /** The thread that runs the loop; null before it begins. */
  public @Nullable Thread runner() {
    return runner;
  }

  /** Whether the calling thread runs the loop. */
  public boolean isMine() {
    return runner == Thread.currentThread();
  }

  /** Whether the calling thread is to run another round; a substitute may end its shift here. */
  public boolean goesOn() {
    if (wanted && isMine()) {
      synchronized (lock) {
        if (isMine()) {
          pass(own);
        }
      }
    }
    return isMine();
  }

  /**
   * The calling thread, which runs the loop, is about to make a call that may hang.
   *
   * @param now by System.nanoTime, to be given to {@link #endCall} as well
   */
  public void beginCall(long now) {
    callSince.set(stamp(now));
  }

  /** The call has returned; afterwards {@link #isMine} tells whether the loop still is. */
  public void endCall(long began) {
    if (!callSince.compareAndSet(stamp(began), NO_CALL)) {
      synchronized (lock) {
        // Whoever relieved this thread has now done so: the loop is not half another's.
      }
    }
  }

  private static long stamp(long nanos) {
    return nanos == NO_CALL ? 1 : nanos;
  }

  /** Whether the loop's thread is in a call. */
  public boolean isInCall() {
    return callSince.get() != NO_CALL;
  }

  /**
   * Whether it is, and has been for so long.
   *
   * @param now by System.nanoTime
   */
  public boolean isInCall(long now, long limitNanos) {
    return isOverdue(callSince.get(), now, limitNanos);
  }

  private static boolean isOverdue(long since, long now, long limitNanos) {
    return since != NO_CALL && now - since >= limitNanos;
  }

  /**
   * Gives the loop to another thread if its thread has been in a call for so long: to its own if
   * that waits for it, else to a new substitute.
   *
   * @param now by System.nanoTime
   * @return who was relieved; null if nobody was
   */
  public @Nullable Thread relieve(long now, long limitNanos) {
    long since = callSince.get();
    if (!isOverdue(since, now, limitNanos)) {
      return null;
    }
    Thread relieved;
    Thread substitute;
    synchronized (lock) {
      if (!callSince.compareAndSet(since, NO_CALL)) {
        return null;
      }
      relieved = runner;
      if (wanted) {
        pass(own);
        return relieved;
      }
      substitute = substitutes.newThread(this::substitute);
      pass(substitute);
    }
    substitute.start();
    return relieved;
  }

  private void substitute() {
    try {
      rounds.run();
    } finally {
      synchronized (lock) {
        if (isMine()) {
          pass(own); // the loop has ended; its own thread is not to wait for it
        }
      }
    }
  }

  /**
   * Has the loop returned to the calling thread if that is the loop's own; any other is told to
   * end. Waits for the end of a round of the substitute's, or until that is relieved in one.
   */
  public void resume() {
    if (isMine() || Thread.currentThread() != own) {
      return;
    }
    boolean interrupted = false;
    wanted = true;
    wakeUp.run(); // without the lock, which the substitute needs to end its round
    synchronized (lock) {
      while (!isMine()) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      wanted = false;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @GuardedBy("lock")
  private void pass(@Nullable Thread next) {
    runner = next;
    lock.notifyAll();
  }
}
