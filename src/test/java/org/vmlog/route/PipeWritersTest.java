package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.route.LogPipeTest.append;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.RecordingSink;

class PipeWritersTest {
  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void submit_asManySinksHangAsThereAreWriters_delaysNobodyElse() {
    List<BlockingSink> hung = new ArrayList<>();
    List<RecordingAck> waiting = new ArrayList<>();
    for (int i = 0; i < 3 * PipeWriters.BASE_WRITERS; i++) {
      BlockingSink sink = new BlockingSink();
      hung.add(sink);
      waiting.add(appended(sink, "hangs\n"));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(appended(new RecordingSink(), "goes on\n").await()).isTrue();
    }
    assertThat(hung).allMatch(BlockingSink::isBlocked);
    assertThat(waiting).noneMatch(RecordingAck::isTold);

    hung.forEach(BlockingSink::release);
    assertThat(waiting).allMatch(RecordingAck::await);
  }

  @Test
  void submit_oneDeviceHangs_itsFurtherPipesWaitAndOthersGoOn() {
    Object disk = "one disk";
    List<BlockingSink> hung = new ArrayList<>();
    List<RecordingAck> waiting = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      BlockingSink sink = new BlockingSink(disk);
      hung.add(sink);
      waiting.add(appended(sink, "hangs\n"));
    }
    Await.until(
        "the device has its share of writers",
        () -> blocked(hung) >= PipeWriters.MAX_STUCK_PER_DEVICE);
    for (int i = 0; i < 50; i++) {
      assertThat(appended(new RecordingSink(), "goes on\n").await()).isTrue();
    }

    // One writer more can have gone in before the eighth was known to be stuck.
    assertThat(blocked(hung))
        .isBetween(
            PipeWriters.MAX_STUCK_PER_DEVICE,
            PipeWriters.MAX_STUCK_PER_DEVICE + PipeWriters.BASE_WRITERS - 1);
    assertThat(waiting).noneMatch(RecordingAck::isTold);

    hung.stream().filter(BlockingSink::isBlocked).toList().forEach(BlockingSink::release);
    Await.until("parked pipes are written to", () -> blocked(hung) > 0);
    hung.forEach(BlockingSink::release);
    assertThat(waiting).allMatch(RecordingAck::await);
    Await.until(
        "the spares have retired", () -> pipes.aliveThreads().size() <= PipeWriters.BASE_WRITERS);
  }

  /**
   * As of a log with streams, whose write waits for the state folder before it does for the log.
   */
  @Test
  void submit_oneOfTwoDevicesHangs_pipesOfTheOtherAloneGoOn() {
    List<BlockingSink> hung = new ArrayList<>();
    List<RecordingAck> waiting = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      BlockingSink sink = new BlockingSink();
      hung.add(sink);
      RecordingAck ack = new RecordingAck();
      append(pipes.pipe(new OfTwoDevices(sink)), "hangs\n", 1, ack);
      waiting.add(ack);
    }
    Await.until(
        "the device has its share of writers",
        () -> blocked(hung) >= PipeWriters.MAX_STUCK_PER_DEVICE);
    for (int i = 0; i < 50; i++) {
      assertThat(appended(new RecordingSink("log"), "goes on\n").await()).isTrue();
    }
    assertThat(blocked(hung))
        .isBetween(
            PipeWriters.MAX_STUCK_PER_DEVICE,
            PipeWriters.MAX_STUCK_PER_DEVICE + PipeWriters.BASE_WRITERS - 1);
    hung.forEach(BlockingSink::release);
    assertThat(waiting).allMatch(RecordingAck::await);
  }

  /** Hangs in the first of its devices, and has nothing to do with it otherwise. */
  private record OfTwoDevices(BlockingSink hangs) implements LineSink {
    @Override
    public WriteResult write(ByteBuffer[] lines) {
      return hangs.write(lines);
    }

    @Override
    public void reopen() {}

    @Override
    public Object device() {
      return hangs.isBlocked() ? "state" : "log";
    }

    @Override
    public List<Object> devices() {
      return List.of("log", "state");
    }

    @Override
    public void close() {
      hangs.close();
    }
  }

  @Test
  void submit_moreCameInDuringAHungWrite_isWrittenEvenIfNothingElseHappens() {
    BlockingSink first = new BlockingSink();
    BlockingSink second = new BlockingSink();
    LogPipe pipe = pipes.pipe(first);
    append(pipe, "a\n", 1, null);
    appended(second, "b\n");
    first.awaitBlocked();
    second.awaitBlocked();
    // Two spares, which are idle again when the hung write returns.
    BlockingSink third = new BlockingSink();
    BlockingSink fourth = new BlockingSink();
    RecordingAck thirdAck = appended(third, "c\n");
    RecordingAck fourthAck = appended(fourth, "d\n");
    third.awaitBlocked();
    fourth.awaitBlocked();
    third.release();
    fourth.release();
    assertThat(thirdAck.await() && fourthAck.await()).isTrue();
    RecordingAck more = new RecordingAck();
    append(pipe, "more\n", 1, more);
    Await.until(
        "the spares are idle",
        () ->
            pipes.aliveThreads().stream()
                    .filter(thread -> thread.getState() == Thread.State.WAITING)
                    .filter(thread -> isIn(thread, "PipeWriters$Writer", "await"))
                    .count()
                == 2);

    first.release();

    assertThat(more.await()).isTrue();
    second.release();
  }

  @Test
  void drain_sinkThrows_isTriedAgainAndTheWriterLives() {
    AtomicInteger calls = new AtomicInteger();
    RecordingSink target = new RecordingSink();
    LineSink broken =
        new LineSink() {
          @Override
          public WriteResult write(ByteBuffer[] lines) {
            if (calls.getAndIncrement() == 0) {
              throw new StackOverflowError("thrown by the test");
            }
            return target.write(lines);
          }

          @Override
          public void reopen() {}

          @Override
          public Object device() {
            return this;
          }

          @Override
          public void close() {}
        };
    assertThat(appended(broken, "a\n").await()).isTrue();
    assertThat(target.text()).isEqualTo("a\n");
  }

  @Test
  void close_writersAreIdle_endsTheirThreads() {
    for (int i = 0; i < 20; i++) {
      assertThat(appended(new RecordingSink(), "a\n").await()).isTrue();
    }
    assertThat(pipes.threads).isNotEmpty();
    pipes.writers.close();
    Await.until("the threads have ended", () -> pipes.aliveThreads().isEmpty());
  }

  @Test
  void close_aWriterHangs_itEndsWhenItsWriteReturns() {
    BlockingSink sink = new BlockingSink();
    RecordingAck ack = appended(sink, "a\n");
    sink.awaitBlocked();
    pipes.writers.close();
    sink.release();
    assertThat(ack.await()).isTrue();
    Await.until("the threads have ended", () -> pipes.aliveThreads().isEmpty());
  }

  private RecordingAck appended(LineSink sink, String line) {
    RecordingAck ack = new RecordingAck();
    append(pipes.pipe(sink), line, 1, ack);
    return ack;
  }

  private static int blocked(List<BlockingSink> sinks) {
    return (int) sinks.stream().filter(BlockingSink::isBlocked).count();
  }

  private static boolean isIn(Thread thread, String className, String method) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().endsWith(className) && frame.getMethodName().equals(method)) {
        return true;
      }
    }
    return false;
  }
}
