package org.vmlog.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.vmlog.testing.Seed;

/**
 * A loop with calls of random length is relieved at random: its rounds never overlap, and each
 * finds what the one before has left, though nothing but the shift makes it visible.
 */
@Timeout(120)
class LoopShiftStressTest {
  private static final int ROUNDS = 10_000;
  private static final int RELIEFS = 500;
  private static final int CALL_NANOS = 200_000;
  private static final int LIMIT_NANOS = 100_000;

  private final Random random = Seed.random("LoopShiftStressTest");
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final AtomicInteger reliefs = new AtomicInteger();
  private final LongAdder ran = new LongAdder();
  private final LongAdder overlaps = new LongAdder();
  private final LoopShift shift =
      new LoopShift(this::rounds, () -> {}, this::slowly, loop -> () -> {});

  // Plain on purpose: of who has the shift.
  private long count;
  private Thread inRound;

  @RepeatedTest(3)
  void rounds_relievedAtRandom_neverOverlapAndSeeEachOther() {
    thread(
            () -> {
              shift.begin();
              rounds();
            })
        .start();
    while (threads.stream().anyMatch(Thread::isAlive)) {
      if (relieve(random.nextInt(LIMIT_NANOS))) {
        reliefs.incrementAndGet();
        threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
      }
      LockSupport.parkNanos(random.nextInt(LIMIT_NANOS));
    }

    assertThat(overlaps.sum()).isZero();
    assertThat(count).isGreaterThanOrEqualTo(ROUNDS).isEqualTo(ran.sum());
    assertThat(shift.callSince()).isZero();
  }

  private boolean relieve(long limitNanos) {
    long since = shift.callSince();
    return since != 0 && System.nanoTime() - since >= limitNanos && shift.relieve(since);
  }

  /** So that a call may end while its thread is being relieved. */
  private Thread slowly(Runnable work) {
    LockSupport.parkNanos(random.nextInt(LIMIT_NANOS));
    return thread(work);
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  private void rounds() {
    Random mine = new Random(random.nextLong());
    while (shift.goesOn() && (count < ROUNDS || reliefs.get() < RELIEFS)) {
      round(mine);
      if (mine.nextInt(8) == 0) {
        call(mine);
      }
      shift.chores();
    }
  }

  private void round(Random mine) {
    Thread me = Thread.currentThread();
    if (inRound != null) {
      overlaps.increment();
    }
    inRound = me;
    long before = count;
    if (mine.nextInt(16) == 0) {
      LockSupport.parkNanos(mine.nextInt(CALL_NANOS));
    }
    count = before + 1;
    if (inRound != me) {
      overlaps.increment();
    }
    inRound = null;
    ran.increment();
  }

  private void call(Random mine) {
    long began = System.nanoTime();
    shift.beginCall(began);
    if (mine.nextInt(8) == 0) {
      LockSupport.parkNanos(mine.nextInt(CALL_NANOS));
    }
    shift.endCall(began);
  }
}
