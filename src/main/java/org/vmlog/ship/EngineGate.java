package org.vmlog.ship;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.vmlog.platform.Retry;

/**
 * Whether an engine may be sent to, and the state that it is in.
 *
 * <p>After a failure nothing is sent until a pause is over and a <em>look</em> has found somebody
 * to send to: a connection, a topic. That alone is no reason to call the engine ready, since many a
 * receiver answers a look and takes no records. So one shipment goes first, and only when it was
 * taken is the failure forgotten and the way open for all. An engine that has not failed yet is
 * ready when it was found. Thread-safe; what is scheduled runs on the thread that it is given.
 */
public final class EngineGate {
  private static final Duration FLOOR = Duration.ofMillis(500);
  private static final Duration CAP = Duration.ofSeconds(30);

  private final ScheduledExecutorService thread;
  private final Runnable look;
  private final Retry retry = new Retry(FLOOR, CAP, new SplittableRandom());

  @GuardedBy("this")
  private EngineState state = EngineState.CONNECTING;

  /** Whether there was somebody to send to, and no failure since. */
  @GuardedBy("this")
  private boolean open;

  /** Whether sending failed, and nothing was taken since. */
  @GuardedBy("this")
  private boolean failing;

  /** Whether the one shipment that may go while sending fails is under way. */
  @GuardedBy("this")
  private boolean probing;

  /**
   * Makes a closed gate.
   *
   * @param look finds somebody to send to, and says what it found; it throws nothing
   */
  public EngineGate(ScheduledExecutorService thread, Runnable look) {
    this.thread = thread;
    this.look = look;
  }

  /** Has the first look begin. */
  public void start() {
    schedule(Duration.ZERO);
  }

  public synchronized EngineState state() {
    return state;
  }

  /** Whether a shipment may be sent now. */
  public synchronized boolean isOpen() {
    return open && !(failing && probing);
  }

  /** One is being sent. */
  public synchronized void sending() {
    probing = failing;
  }

  /** A look has found somebody to send to. */
  public synchronized void found() {
    open = true;
    probing = false;
    if (!failing) {
      state = EngineState.READY;
    }
  }

  /** A look has found nobody; there will be another. */
  public synchronized void notFound(EngineState why, Optional<Duration> asked) {
    state = why;
    schedule(pause(asked));
  }

  /** Records were taken. */
  public synchronized void took() {
    retry.succeeded();
    failing = false;
    probing = false;
    if (open) {
      state = EngineState.READY;
    }
  }

  /** A shipment was refused for what it is: that says nothing of the next. */
  public synchronized void passed() {
    probing = false;
  }

  /**
   * Sending failed.
   *
   * @param asked how long the engine wants to be left alone
   */
  public synchronized void failed(EngineState why, Optional<Duration> asked) {
    failing = true;
    lost(why, asked);
  }

  /** There is nobody to send to any more, which was noticed while nothing was sent. */
  public synchronized void lost(EngineState why, Optional<Duration> asked) {
    state = why;
    if (open) {
      open = false;
      schedule(pause(asked));
    }
  }

  /** What is under way is not answered: nothing more is sent until some of it is. */
  public synchronized void stalled(EngineState why) {
    if (open) {
      state = why;
      failing = true;
      probing = true;
    }
  }

  @GuardedBy("this")
  private Duration pause(Optional<Duration> asked) {
    return asked.isPresent() ? retry.next(asked.get()) : retry.next();
  }

  private void schedule(Duration pause) {
    try {
      var unused = thread.schedule(look, pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The engine is closed.
    }
  }
}
