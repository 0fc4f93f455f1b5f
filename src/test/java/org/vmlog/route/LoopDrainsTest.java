package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.route.LogPipeTest.append;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.RecordedSink;
import org.vmlog.testing.RecordingSink;

class LoopDrainsTest {
  private final Pipes pipes = new Pipes();
  private final TestLoop loop = new TestLoop(pipes);

  @AfterEach
  void end() {
    loop.close();
    pipes.close();
  }

  @Test
  void run_appendedOnTheLoop_isWrittenAndAcknowledgedByItsThread() {
    Thread own = loop.runner();
    ThreadSink sink = new ThreadSink(true);
    LogPipe pipe = pipes.pipe(sink);

    assertThat(toldBy(pipe, "a\n")).isSameAs(own);

    assertThat(sink.writers()).containsOnly(own);
    assertThat(loop.call(() -> sink.target().text())).isEqualTo("a\n");
  }

  @Test
  void run_severalAppendsInOneRound_areOneWrite() {
    ThreadSink sink = new ThreadSink(true);
    LogPipe pipe = pipes.pipe(sink);

    loop.call(
        () -> {
          append(pipe, "a\n", 1, null);
          append(pipe, "b\n", 1, null);
          return append(pipe, "c\n", 1, null);
        });
    Await.value(pipe.arrive());

    assertThat(sink.target().events()).containsExactly("a\nb\nc\n");
  }

  @Test
  void run_appendedElsewhere_isWrittenByAWriter() {
    Thread own = loop.runner();
    ThreadSink sink = new ThreadSink(true);
    RecordingAck ack = new RecordingAck();

    append(pipes.pipe(sink), "a\n", 1, ack);

    assertThat(ack.await()).isTrue();
    assertThat(sink.writers()).hasSize(1).doesNotContain(own);
  }

  @Test
  void run_sinkHasMoreToDoThanToWrite_isWrittenByAWriter() {
    Thread own = loop.runner();
    ThreadSink sink = new ThreadSink(false);

    assertThat(toldBy(pipes.pipe(sink), "a\n")).isNotSameAs(own);

    assertThat(sink.writers()).hasSize(1).doesNotContain(own);
  }

  @Test
  void run_muchToWrite_isWrittenByAWriter() {
    Thread own = loop.runner();
    ThreadSink sink = new ThreadSink(true);
    String line = "x".repeat(999) + "\n";

    assertThat(toldBy(pipes.pipe(sink), line.repeat(66))).isNotSameAs(own);

    assertThat(sink.target().lines()).hasSize(66);
    assertThat(sink.writers()).hasSize(1).doesNotContain(own);
  }

  @Test
  void run_somethingElseWasAskedOfTheSink_isDoneByAWriter() {
    Thread own = loop.runner();
    ThreadSink sink = new ThreadSink(true);
    LogPipe pipe = pipes.pipe(sink);
    AtomicReference<CompletableFuture<Void>> reopened = new AtomicReference<>();
    RecordingAck ack = new RecordingAck();

    loop.call(
        () -> {
          append(pipe, "a\n", 1, ack);
          reopened.set(pipe.reopen());
          return null;
        });

    Await.value(reopened.get());
    assertThat(ack.await()).isTrue();
    assertThat(sink.target().events()).containsExactlyInAnyOrder("[reopen]", "a\n");
    assertThat(sink.writers()).hasSize(1).doesNotContain(own);
  }

  @Test
  void run_pipeIsToClose_isWrittenAndClosedByAWriter() {
    Thread own = loop.runner();
    ThreadSink sink = new ThreadSink(true);
    LogPipe pipe = pipes.pipe(sink);

    CompletableFuture<Void> closed =
        loop.call(
            () -> {
              append(pipe, "a\n", 1, null);
              return pipe.close();
            });

    Await.value(closed);
    assertThat(sink.target().events()).containsExactly("a\n", "[close]");
    assertThat(sink.writers()).doesNotContain(own);
  }

  @Test
  void run_acknowledgementAppends_isWrittenWithoutAnotherTask() {
    LogPipe first = pipes.pipe(new RecordingSink());
    RecordingSink second = new RecordingSink();
    LogPipe further = pipes.pipe(second);
    RecordingAck last = new RecordingAck();
    loop.execute(
        () -> append(first, "a\n", 1, new RecordingAck(() -> append(further, "b\n", 1, last))));

    assertThat(last.await()).isTrue();
    assertThat(second.text()).isEqualTo("b\n");
  }

  @Test
  void run_sinkTakesNoMoreForNow_isTriedAgain() {
    List<Integer> calls = new ArrayList<>();
    ThreadSink sink =
        new ThreadSink(true) {
          @Override
          public WriteResult write(ByteBuffer[] lines) {
            calls.add(1);
            return calls.size() == 1
                ? new WriteResult.TryLater(0, Duration.ofMillis(1))
                : super.write(lines);
          }
        };
    RecordingAck ack = new RecordingAck();

    loop.execute(() -> append(pipes.pipe(sink), "a\n", 1, ack));

    assertThat(ack.await()).isTrue();
    assertThat(sink.target().text()).isEqualTo("a\n");
  }

  @Test
  void run_sinkThrows_isTriedAgainAndTheLoopLives() {
    List<Integer> calls = new ArrayList<>();
    ThreadSink sink =
        new ThreadSink(true) {
          @Override
          public WriteResult write(ByteBuffer[] lines) {
            calls.add(1);
            if (calls.size() == 1) {
              throw new IllegalStateException("a bug");
            }
            return super.write(lines);
          }
        };
    RecordingAck ack = new RecordingAck();

    loop.execute(() -> append(pipes.pipe(sink), "a\n", 1, ack));

    assertThat(loop.runner()).isNotNull();
    assertThat(ack.await()).isTrue();
    assertThat(sink.target().text()).isEqualTo("a\n");
  }

  @Test
  void run_sinkThrowsWhenAsked_isWrittenByAWriter() {
    Thread own = loop.runner();
    ThreadSink sink =
        new ThreadSink(true) {
          @Override
          public boolean isReady(long bytes) {
            throw new IllegalStateException("a bug");
          }
        };

    assertThat(toldBy(pipes.pipe(sink), "a\n")).isNotSameAs(own);

    assertThat(loop.runner()).isSameAs(own);
  }

  @Test
  void relieve_writeHangs_loopGoesOnAndHasItsThreadBack() {
    Thread own = loop.runner();
    BlockingSink hung = new BlockingSink();
    RecordingAck waiting = new RecordingAck();
    loop.execute(() -> append(pipes.pipe(hung), "hangs\n", 1, waiting));
    hung.awaitBlocked();

    assertThat(loop.runner()).isNotSameAs(own);
    ThreadSink sink = new ThreadSink(true);
    assertThat(toldBy(pipes.pipe(sink), "goes on\n")).isNotSameAs(own);
    assertThat(waiting.isTold()).isFalse();

    hung.release();
    assertThat(waiting.await()).isTrue();
    Await.until("the loop is its own thread's", () -> loop.runner() == own);
    Await.until("nothing hangs", () -> toldBy(pipes.pipe(new ThreadSink(true)), "a\n") == own);
  }

  @Test
  void relieve_manyPipesHang_loopAndOtherPipesGoOn() {
    Object disk = "one disk";
    List<BlockingSink> hung = new ArrayList<>();
    List<RecordingAck> waiting = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      BlockingSink sink = new BlockingSink(disk);
      RecordingAck ack = new RecordingAck();
      hung.add(sink);
      waiting.add(ack);
      loop.execute(() -> append(pipes.pipe(sink), "hangs\n", 1, ack));
    }
    for (int i = 0; i < 50; i++) {
      RecordingAck ack = new RecordingAck();
      loop.execute(() -> append(pipes.pipe(new RecordingSink()), "goes on\n", 1, ack));
      assertThat(ack.await()).isTrue();
    }
    assertThat(waiting).noneMatch(RecordingAck::isTold);

    hung.forEach(BlockingSink::release);
    assertThat(waiting).allMatch(RecordingAck::await);
    assertThat(waiting).allMatch(ack -> ack.calls() == 1);
  }

  @Test
  void run_writesOfOnePipeAreSlow_itIsTheWritersUntilTheyAreNot() {
    Thread own = loop.runner();
    AtomicReference<Long> pause = new AtomicReference<>(6_000_000L);
    ThreadSink sink =
        new ThreadSink(true) {
          @Override
          public WriteResult write(ByteBuffer[] lines) {
            long until = System.nanoTime() + pause.get();
            while (System.nanoTime() < until) {
              LockSupport.parkNanos(until - System.nanoTime());
            }
            return super.write(lines);
          }
        };
    LogPipe pipe = pipes.pipe(sink);
    Thread unused = toldBy(pipe, "slow\n");

    assertThat(IntStream.range(0, 10).mapToObj(i -> toldBy(pipe, "slow\n")))
        .isNotEmpty()
        .doesNotContain(own);

    pause.set(0L);
    Await.until("it is the loop's again", () -> toldBy(pipe, "fast\n") == own);
  }

  @Test
  void end_appendedInTheLastRound_isWritten() {
    RecordingSink sink = new RecordingSink();
    LogPipe pipe = pipes.pipe(sink);
    RecordingAck ack = new RecordingAck();
    TestLoop other = new TestLoop(pipes);
    other.execute(() -> append(pipe, "last\n", 1, ack));

    other.close();

    assertThat(ack.await()).isTrue();
    assertThat(sink.text()).isEqualTo("last\n");
  }

  /** Which thread acknowledges what is appended on the loop. */
  private Thread toldBy(LogPipe pipe, String lines) {
    CompletableFuture<Thread> told = new CompletableFuture<>();
    loop.execute(
        () ->
            append(pipe, lines, 1, new RecordingAck(() -> told.complete(Thread.currentThread()))));
    return Await.value(told);
  }

  /** Knows who has written to it. */
  private static class ThreadSink extends RecordedSink {
    private final boolean ready;
    private final List<Thread> writers = new ArrayList<>(); // guarded by itself

    ThreadSink(boolean ready) {
      this.ready = ready;
    }

    List<Thread> writers() {
      synchronized (writers) {
        return writers.stream().distinct().toList();
      }
    }

    private void called() {
      synchronized (writers) {
        writers.add(Thread.currentThread());
      }
    }

    @Override
    public WriteResult write(ByteBuffer[] lines) {
      called();
      return super.write(lines);
    }

    @Override
    public boolean isReady(long bytes) {
      return ready;
    }

    @Override
    public void reopen() {
      called();
      super.reopen();
    }

    @Override
    public void close() {
      called();
      super.close();
    }
  }
}
