package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.route.LogPipeTest.append;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.Await;
import org.vmlog.testing.RecordedSink;
import org.vmlog.testing.Seed;

/**
 * Loops and other threads append to the same pipes, whose sinks hang now and then for longer than a
 * loop waits: every line is written once and acknowledged once, and each thread's in their order.
 */
class LoopDrainsStressTest {
  private static final int LOOPS = 2;
  private static final int PIPES = 6;
  private static final int ROUNDS = 3000;
  private static final long HANG_NANOS = 2 * PipeWriters.STUCK_AFTER.toNanos();

  private record Appended(String line, RecordingAck ack) {}

  @RepeatedTest(3)
  void lines_sinksHangAtRandom_areWrittenOnceAndAcknowledgedOnce() throws InterruptedException {
    Random random = Seed.random("LoopDrainsStressTest");
    AtomicInteger hangs = new AtomicInteger(40);
    try (Pipes pipes = new Pipes()) {
      List<HangingSink> sinks =
          Stream.generate(() -> new HangingSink(new Random(random.nextLong()), hangs))
              .limit(PIPES)
              .toList();
      List<LogPipe> targets = sinks.stream().map(pipes::pipe).toList();
      List<TestLoop> loops = Stream.generate(() -> new TestLoop(pipes)).limit(LOOPS).toList();
      List<List<List<Appended>>> appended = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < LOOPS + 1; i++) {
        String name = "thread-" + i;
        TestLoop loop = i < LOOPS ? loops.get(i) : null;
        Random own = new Random(random.nextLong());
        List<List<Appended>> all = Stream.generate(() -> noLines()).limit(PIPES).toList();
        appended.add(all);
        threads.add(new Thread(() -> appendAll(name, loop, own, targets, all)));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join(Await.PATIENCE.toMillis());
        assertThat(thread.isAlive()).isFalse();
      }
      loops.forEach(TestLoop::close);
      targets.forEach(pipe -> Await.value(pipe.close()));

      for (int pipe = 0; pipe < PIPES; pipe++) {
        check(sinks.get(pipe).target().lines(), pipe, appended);
      }
      assertThat(pipes.memory.sharedBytes()).isZero();
    }
  }

  private static List<Appended> noLines() {
    return new ArrayList<>();
  }

  private static void appendAll(
      String name, TestLoop loop, Random random, List<LogPipe> pipes, List<List<Appended>> all) {
    for (int round = 0; round < ROUNDS; round++) {
      int pipe = random.nextInt(PIPES);
      RecordingAck ack = new RecordingAck();
      String line = name + " " + round;
      all.get(pipe).add(new Appended(line, ack));
      Runnable task = () -> append(pipes.get(pipe), line + "\n", 1, ack);
      if (loop == null) {
        task.run();
      } else {
        loop.execute(task);
      }
      if (random.nextInt(10) == 0) {
        boolean unused = ack.await();
      }
    }
  }

  private static void check(List<String> lines, int pipe, List<List<List<Appended>>> appended) {
    int count = 0;
    for (List<List<Appended>> thread : appended) {
      List<String> expected = thread.get(pipe).stream().map(Appended::line).toList();
      String name = expected.get(0).split(" ")[0] + " ";
      assertThat(lines.stream().filter(line -> line.startsWith(name)).toList()).isEqualTo(expected);
      assertThat(thread.get(pipe)).allMatch(one -> one.ack.await() && one.ack.calls() == 1);
      count += expected.size();
    }
    assertThat(lines).hasSize(count);
  }

  /** Hangs now and then, and has more to do than to write at times. */
  private static final class HangingSink extends RecordedSink {
    private final Random random;
    private final AtomicInteger hangs;

    HangingSink(Random random, AtomicInteger hangs) {
      this.random = random;
      this.hangs = hangs;
    }

    @Override
    public WriteResult write(ByteBuffer[] lines) {
      if (random.nextInt(50) == 0 && hangs.decrementAndGet() >= 0) {
        LockSupport.parkNanos(HANG_NANOS);
      }
      return super.write(lines); // which objects to two threads at once
    }

    @Override
    public boolean isReady(long bytes) {
      return random.nextInt(10) > 0;
    }
  }
}
