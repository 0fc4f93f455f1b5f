package org.vmlog.platform;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which thread runs an event loop, and does the loop's chores between two rounds. Its own does; but
 * while that hangs in a call, a substitute runs the loop, until the own thread is back and has it
 * returned.
 *
 * <p>So chores may have calls that are quick as a rule and may take for ever, as write(2) to a file
 * does, without a thread for them and a wake-up each, and without the loop being held up for longer
 * than the one who calls {@link #relieve} allows. Between rounds nothing of the loop's is half
 * done; a thread that returns from a call and does not have the shift any more leaves the loop's
 * state alone.
 *
 * <p>Thread-safe: relieving, having the loop returned and coming back from a call may meet.
 */
public final class LoopShift {
  private static final long NO_CALL = 0;

  private final Runnable rounds;
  private final Runnable wakeUp;
  private final ThreadFactory substitutes;
  private final Runnable chores;

  /** When the call began that the loop's thread is in, by System.nanoTime. */
  private final AtomicLong callSince = new AtomicLong(NO_CALL);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition passed = lock.newCondition();
  private volatile @Nullable Thread own;
  private volatile @Nullable Thread runner;
  private volatile boolean wanted;
  private volatile boolean ended;

  /**
   * Makes the shift of a loop that no thread runs yet.
   *
   * @param rounds runs the loop on a substitute for as long as it {@link #goesOn}
   * @param wakeUp has the loop begin a round if it waits; called by any thread
   * @param chores makes what {@link #chores} does
   */
  public LoopShift(
      Runnable rounds,
      Runnable wakeUp,
      ThreadFactory substitutes,
      Function<LoopShift, Runnable> chores) {
    this.rounds = rounds;
    this.wakeUp = wakeUp;
    this.substitutes = substitutes;
    this.chores = chores.apply(this);
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

  /** Whether it does, and will do the chores once more. */
  public boolean hasChoresToCome() {
    return isMine() && !ended;
  }

  /** Whether the calling thread is to run another round; a substitute may end its shift here. */
  public boolean goesOn() {
    if (wanted && isMine()) {
      passToOwn();
    }
    return isMine();
  }

  /**
   * Does what has come up since the last round. If another thread has the loop by then, the loop's
   * own waits until it has it back; any other is to end, as {@link #isMine} tells.
   */
  public void chores() {
    do {
      chores.run();
    } while (resume()); // a substitute may have left some
  }

  /** Does the chores for the last time. */
  public void end() {
    chores();
    if (isMine()) {
      ended = true;
    }
  }

  /**
   * A chore is about to make a call that may hang. To be left alone by a thread that does not run
   * the loop.
   *
   * @param now by System.nanoTime, to be given to {@link #endCall} as well
   */
  public void beginCall(long now) {
    if (isMine()) {
      callSince.set(now | 1);
    }
  }

  /** The call has returned; afterwards {@link #isMine} tells whether the loop still is. */
  @SuppressWarnings("LockNotBeforeTry") // nothing is done under it
  public void endCall(long began) {
    if (isMine() && !callSince.compareAndSet(began | 1, NO_CALL)) {
      lock.lock(); // until whoever relieved this thread has done so: the loop is not half another's
      lock.unlock();
    }
  }

  /** When the call began that the loop's thread is in, by System.nanoTime; 0 if it is in none. */
  public long callSince() {
    return callSince.get();
  }

  /**
   * Gives the loop to another thread if its thread is still in the call that began then: to its own
   * if that waits for it, else to a new substitute.
   *
   * @return false if it is not
   */
  public boolean relieve(long since) {
    Thread substitute = null;
    lock.lock();
    try {
      if (since == NO_CALL || !callSince.compareAndSet(since, NO_CALL)) {
        return false;
      }
      if (!wanted) {
        substitute = substitutes.newThread(this::substitute);
      }
      pass(wanted ? own : substitute);
    } finally {
      lock.unlock();
    }
    if (substitute != null) {
      substitute.start();
    }
    return true;
  }

  private void substitute() {
    try {
      rounds.run();
    } finally {
      passToOwn(); // if the loop has ended, its own thread is not to wait for it
    }
  }

  private void passToOwn() {
    lock.lock();
    try {
      if (isMine()) {
        pass(own);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of a round of the substitute's, or until that is relieved in one. */
  private boolean resume() {
    if (isMine() || Thread.currentThread() != own) {
      return false;
    }
    wanted = true;
    wakeUp.run(); // without the lock, which the substitute needs to end its round
    lock.lock();
    try {
      while (!isMine()) {
        passed.awaitUninterruptibly();
      }
      wanted = false;
    } finally {
      lock.unlock();
    }
    return true;
  }

  @GuardedBy("lock")
  private void pass(@Nullable Thread next) {
    runner = next;
    passed.signalAll();
  }
}
