package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Await;

/** A loop whose rounds are one task each, and whose time is what the tests say. */
class LoopShiftTest {
  private static final long BEGAN = 1001;
  private static final long LATER = 2001;

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final CopyOnWriteArrayList<Thread> substitutes = new CopyOnWriteArrayList<>();
  private final AtomicInteger interrupts = new AtomicInteger();
  private final LoopShift shift =
      new LoopShift(this::rounds, () -> task(() -> {}), this::made, loop -> () -> {});
  private final Thread own = daemon(this::begin);
  private boolean ended; // of who has the shift

  LoopShiftTest() {
    own.start();
  }

  @AfterEach
  void everyThreadEnds() {
    task(() -> ended = true);
    awaitEnd(own);
    substitutes.forEach(LoopShiftTest::awaitEnd);
  }

  @Test
  void relieve_noCall_leavesTheLoop() {
    assertThat(runner()).isSameAs(own);

    assertThat(shift.relieve(shift.callSince())).isFalse();

    assertThat(runner()).isSameAs(own);
  }

  @Test
  void relieve_callHasEnded_leavesTheLoop() {
    Call call = call(BEGAN);

    long since = shift.callSince();
    assertThat(since).isEqualTo(BEGAN);
    assertThat(shift.relieve(since - 2)).isFalse();

    assertThat(shift.runner()).isSameAs(own);
    call.end();
    assertThat(runner()).isSameAs(own);
    assertThat(shift.callSince()).isZero();
    assertThat(shift.relieve(since)).isFalse();
    assertThat(substitutes).isEmpty();
  }

  @Test
  void relieve_inThatCall_substituteRunsTheLoop() {
    Call call = call(BEGAN);

    assertThat(shift.relieve(shift.callSince())).isTrue();

    assertThat(shift.callSince()).isZero();
    assertThat(runner()).isSameAs(substitutes.get(0)).isNotSameAs(own);
    call.end();
  }

  @Test
  void relieve_callBeganAtTimeZero_isACallAllTheSame() {
    Call call = call(0);

    assertThat(shift.relieve(shift.callSince())).isTrue();

    call.end();
  }

  @Test
  void relieve_substituteHangsToo_anotherTakesItsPlace() {
    Call first = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Call second = call(LATER);
    Thread substitute = substitutes.get(0);

    assertThat(shift.relieve(shift.callSince())).isTrue();

    assertThat(runner()).isSameAs(substitutes.get(1));
    second.end();
    awaitEnd(substitute); // which has no loop any more
    assertThat(runner()).isSameAs(substitutes.get(1));
    first.end();
  }

  @Test
  void endCall_relieved_leavesAnothersCallAlone() {
    Call first = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Call second = call(LATER);
    Call third = null;
    try {
      awaitResuming(first);

      assertThat(shift.callSince()).isEqualTo(LATER);
      assertThat(shift.runner()).isSameAs(substitutes.get(0));
      second.end();
      third = call(LATER + 1000);
      assertThat(third.caller).isSameAs(own);
    } finally {
      second.end();
      if (third != null) {
        third.end();
      }
    }
  }

  @Test
  void chores_substituteIsInARound_loopIsReturnedAfterIt() {
    Call call = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    CountDownLatch roundGoesOn = new CountDownLatch(1);
    CompletableFuture<Thread> inRound = new CompletableFuture<>();
    task(
        () -> {
          inRound.complete(Thread.currentThread());
          await(roundGoesOn);
        });
    Thread substitute = Await.value(inRound);

    awaitResuming(call);

    assertThat(shift.runner()).isSameAs(substitute);
    roundGoesOn.countDown();
    awaitEnd(substitute);
    assertThat(runner()).isSameAs(own);
  }

  @Test
  void chores_substituteWaits_isWokenAndReturnsTheLoop() {
    Call call = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    awaitWaiting(substitutes.get(0));

    call.end();

    awaitEnd(substitutes.get(0));
    assertThat(runner()).isSameAs(own);
  }

  @Test
  void chores_substituteHangs_ownThreadIsTheOneThatRelievesIt() {
    Call first = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Call second = call(LATER);
    awaitResuming(first);

    assertThat(shift.relieve(shift.callSince())).isTrue();

    assertThat(runner()).isSameAs(own);
    assertThat(substitutes).hasSize(1);
    second.end();
    awaitEnd(substitutes.get(0));
    assertThat(runner()).isSameAs(own);
  }

  @Test
  void chores_loopHasEndedUnderASubstitute_doesNotWait() {
    Call call = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    task(() -> ended = true);
    awaitEnd(substitutes.get(0));

    call.end();

    awaitEnd(own);
  }

  @Test
  void chores_loopEndsWhileTheOwnThreadWaits_doesNotWaitOn() {
    Call first = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Call second = call(LATER);
    awaitResuming(first);

    second.endLoop();

    awaitEnd(own);
  }

  @Test
  void chores_substituteFails_ownThreadHasTheLoop() {
    Call call = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Thread substitute = substitutes.get(0);
    substitute.setUncaughtExceptionHandler((thread, expected) -> {});
    task(
        () -> {
          throw new AssertionError("expected");
        });
    awaitEnd(substitute);

    call.end();

    assertThat(runner()).isSameAs(own);
  }

  @Test
  void chores_interrupted_waitsOnAndKeepsTheInterrupt() {
    Call first = call(BEGAN);
    assertThat(shift.relieve(shift.callSince())).isTrue();
    Call second = call(LATER);
    awaitResuming(first);

    own.interrupt();

    Await.until("the wait saw the interrupt", () -> !own.isInterrupted());
    awaitWaiting(own);
    assertThat(shift.runner()).isSameAs(substitutes.get(0));
    second.end();
    assertThat(runner()).isSameAs(own);
    assertThat(interrupts).hasValue(1);
  }

  /** A call that lasts as long as the test wants. */
  private final class Call implements Runnable {
    final long began;
    final CompletableFuture<Thread> begun = new CompletableFuture<>();
    final CountDownLatch mayEnd = new CountDownLatch(1);
    final CountDownLatch hasEnded = new CountDownLatch(1);
    volatile Thread caller;
    private volatile boolean last;

    Call(long began) {
      this.began = began;
    }

    @Override
    public void run() {
      caller = Thread.currentThread();
      shift.beginCall(began);
      begun.complete(caller);
      await(mayEnd);
      shift.endCall(began);
      if (last) {
        ended = true;
      }
      hasEnded.countDown();
    }

    void endLoop() {
      last = true;
      end();
    }

    void end() {
      mayEnd.countDown();
    }
  }

  private Call call(long began) {
    Call call = new Call(began);
    task(call);
    Await.value(call.begun);
    return call;
  }

  /** Who runs a round after all that is to be run by now. */
  private Thread runner() {
    CompletableFuture<Thread> runner = new CompletableFuture<>();
    task(() -> {}); // whoever waits for a task already is about to run this one
    task(() -> runner.complete(Thread.currentThread()));
    return Await.value(runner);
  }

  private void task(Runnable task) {
    tasks.add(task);
  }

  private void begin() {
    shift.begin();
    rounds();
  }

  private void rounds() {
    try {
      while (shift.goesOn() && !ended) {
        tasks.take().run();
        shift.chores();
        if (Thread.interrupted()) {
          interrupts.incrementAndGet();
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Thread made(Runnable work) {
    Thread substitute = daemon(work);
    substitutes.add(substitute);
    return substitute;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends the own thread's call; returns once that waits for the loop. */
  private void awaitResuming(Call call) {
    call.end();
    await(call.hasEnded);
    awaitWaiting(own);
  }

  private static void awaitWaiting(Thread thread) {
    Await.until("the thread waits", () -> thread.getState() == Thread.State.WAITING);
  }

  private static void awaitEnd(Thread thread) {
    Await.until("the thread has ended", () -> !thread.isAlive());
  }
}
