package org.vmlog.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.FlakySink;
import org.vmlog.testing.RecordingSink;

class LogPipeTest {
  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void append_idlePipe_isAcknowledgedWithTheLinesInTheSink() {
    RecordingSink sink = new RecordingSink();
    LogPipe pipe = pipes.pipe(sink);
    CompletableFuture<String> seen = new CompletableFuture<>();
    RecordingAck ack = new RecordingAck(() -> seen.complete(sink.text()));

    assertThat(append(pipe, "one\ntwo\n", 2, ack)).isEqualTo(Offer.TAKEN);

    assertThat(ack.await()).isTrue();
    assertThat(Await.value(seen)).isEqualTo("one\ntwo\n");
    assertThat(ack.calls()).isEqualTo(1);
  }

  @Test
  void append_partOfAnArray_takesThatPart() {
    RecordingSink sink = new RecordingSink();
    RecordingAck ack = new RecordingAck();
    pipes.pipe(sink).append("xxline\nyy".getBytes(UTF_8), 2, 5, Pipes.records(1), ack);
    assertThat(ack.await()).isTrue();
    assertThat(sink.text()).isEqualTo("line\n");
  }

  @Test
  void append_manyDuringOneWrite_becomeOneWriteInOrder() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink, 8 << 20);
    List<RecordingAck> acks = new ArrayList<>();
    append(pipe, "first\n", 1, added(acks));
    sink.awaitBlocked();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      String line = "line " + i + "x".repeat(1100) + "\n"; // small ones would be too many
      assertThat(append(pipe, line, 1, added(acks))).isEqualTo(Offer.TAKEN);
      expected.append(line);
    }
    assertThat(acks).noneMatch(RecordingAck::isTold);

    sink.release();

    assertThat(acks).allMatch(RecordingAck::await);
    assertThat(sink.target().events()).containsExactly("first\n", expected.toString());
    assertThat(acks).allMatch(ack -> ack.calls() == 1);
  }

  @Test
  void append_pipeIsFull_isRefusedUntilWhatWaitsIsWritten() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink, 100);
    append(pipe, line(60), 1, null);
    sink.awaitBlocked();

    assertThat(append(pipe, line(41), 1, null)).isEqualTo(Offer.FULL);
    assertThat(append(pipe, line(40), 1, null)).isEqualTo(Offer.TAKEN);
    CountDownLatch room = new CountDownLatch(1);
    pipe.whenRoom(1, 1, room::countDown);
    assertThat(room.getCount()).isEqualTo(1);
    sink.release();

    Await.down(room);
    RecordingAck ack = new RecordingAck();
    Await.until("there is room", () -> append(pipe, line(100), 1, ack) == Offer.TAKEN);
    assertThat(ack.await()).isTrue();
  }

  @Test
  void append_longerThanThePipe_neverFits() {
    LogPipe pipe = pipes.pipe(new RecordingSink(), 100);
    assertThat(pipe.maxBytes()).isEqualTo(100);
    assertThat(append(pipe, line(101), 1, null)).isEqualTo(Offer.FULL);
  }

  @Test
  void whenRoom_othersHoldTheMemory_triesAgainLater() {
    Pipes small = new Pipes(new PipeMemory(0));
    try (small) {
      LogPipe pipe = small.pipe(new RecordingSink());
      byte[] tooMuch = new byte[LogPipe.CHUNK_BYTES + 1];
      assertThat(pipe.append(tooMuch, 0, tooMuch.length, Pipes.records(1), null))
          .isEqualTo(Offer.FULL);
      CountDownLatch tried = new CountDownLatch(1);
      pipe.whenRoom(1, 1, tried::countDown);
      Await.down(tried);
    }
  }

  @Test
  void whenRoom_queueIsEmptyAndOnlyADropLineHangs_isNotForgotten() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink);
    pipe.drop(DropReason.PIPE_FULL, 1, null);
    sink.awaitBlocked();
    CountDownLatch tried = new CountDownLatch(1);
    pipe.whenRoom(1, 1, tried::countDown);
    sink.release();
    Await.down(tried);
  }

  @Test
  void whenRoom_pipeHasClosed_runs() {
    LogPipe pipe = pipes.pipe(new RecordingSink());
    Await.value(pipe.close());
    CountDownLatch tried = new CountDownLatch(1);
    pipe.whenRoom(1, 1, tried::countDown);
    Await.down(tried);
  }

  @Test
  void drain_sinkAsksForAPause_goesOnWhereItStopped() {
    FlakySink sink =
        FlakySink.script(FlakySink.pauseAfter(2), FlakySink.pauseAfter(0), FlakySink.pauseAfter(1));
    LogPipe pipe = pipes.pipe(sink);
    RecordingAck ack = new RecordingAck();
    RecordingAck next = new RecordingAck();

    append(pipe, "a\nb\nc\nd\n", 4, ack);
    append(pipe, "e\n", 1, next);

    assertThat(ack.await()).isTrue();
    assertThat(next.await()).isTrue();
    assertThat(sink.target().text()).isEqualTo("a\nb\nc\nd\ne\n");
  }

  @Test
  void reopen_whileLinesWait_comesBeforeTheNextWrite() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink);
    append(pipe, "before\n", 1, null);
    sink.awaitBlocked();
    pipe.reopen();
    RecordingAck ack = new RecordingAck();
    append(pipe, "after\n", 1, ack);
    sink.release();
    assertThat(ack.await()).isTrue();
    assertThat(sink.target().events()).containsExactly("before\n", "[reopen]", "after\n");
  }

  @Test
  void reopen_idlePipe_happensWithoutAWrite() {
    RecordingSink sink = new RecordingSink();
    pipes.pipe(sink).reopen();
    Await.until("reopened", () -> sink.events().equals(List.of("[reopen]")));
  }

  @Test
  void memory_afterEverythingIsWritten_isAllGivenBack() {
    RecordingSink sink = new RecordingSink();
    LogPipe pipe = pipes.pipe(sink);
    RecordingAck ack = new RecordingAck();
    append(pipe, line(500_000), 1, ack);
    assertThat(ack.await()).isTrue();
    assertThat(pipes.memory.sharedBytes()).isZero();
  }

  static Offer append(LogPipe pipe, String lines, int records, RecordingAck ack) {
    byte[] bytes = lines.getBytes(UTF_8);
    return pipe.append(bytes, 0, bytes.length, Pipes.records(records), ack);
  }

  private static RecordingAck added(List<RecordingAck> acks) {
    RecordingAck ack = new RecordingAck();
    acks.add(ack);
    return ack;
  }

  private static String line(int bytes) {
    return "x".repeat(bytes - 1) + "\n";
  }
}
