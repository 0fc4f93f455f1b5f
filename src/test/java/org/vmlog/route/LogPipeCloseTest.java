package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.route.LogPipeTest.append;
import static org.vmlog.route.Pipes.DROP_HEAD;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.FlakySink;
import org.vmlog.testing.RecordingSink;

class LogPipeCloseTest {
  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void close_whileLinesWait_writesThemFirst() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink);
    append(pipe, "a\n", 1, null);
    sink.awaitBlocked();
    append(pipe, "b\n", 1, null);
    CompletableFuture<Void> closed = pipe.close();
    assertThat(append(pipe, "c\n", 1, null)).isEqualTo(Offer.TAKEN);
    pipe.drop(DropReason.PIPE_FULL, 4, null);
    assertThat(closed).isNotDone();
    sink.release();

    Await.value(closed);

    assertThat(sink.target().events())
        .containsExactly("a\n", "b\nc\n", DROP_HEAD + "4 records dropped (pipe full)\n", "[close]");
  }

  @Test
  void close_idlePipe_closesItsSink() {
    RecordingSink sink = new RecordingSink();
    Await.value(pipes.pipe(sink).close());
    assertThat(sink.events()).containsExactly("[close]");
  }

  @Test
  void close_twice_bothEnd() {
    RecordingSink sink = new RecordingSink();
    LogPipe pipe = pipes.pipe(sink);
    Await.value(pipe.close());
    Await.value(pipe.close());
    assertThat(sink.events()).containsExactly("[close]");
  }

  @Test
  void append_afterClose_isTurnedAway() {
    RecordingSink sink = new RecordingSink();
    LogPipe pipe = pipes.pipe(sink);
    Await.value(pipe.close());
    RecordingAck ack = new RecordingAck();

    assertThat(append(pipe, "late\n", 1, ack)).isEqualTo(Offer.CLOSED);
    assertThat(pipe.drop(DropReason.PIPE_FULL, 1, ack)).isFalse();
    pipe.reopen();

    assertThat(ack.isTold()).isFalse();
    assertThat(sink.events()).containsExactly("[close]");
  }

  @Test
  void revive_beforeTheCloseIsDone_takesItBack() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink);
    append(pipe, "a\n", 1, null);
    sink.awaitBlocked();
    CompletableFuture<Void> closed = pipe.close();

    assertThat(pipe.revive()).isTrue();

    sink.release();
    RecordingAck ack = new RecordingAck();
    append(pipe, "b\n", 1, ack);
    assertThat(ack.await()).isTrue();
    assertThat(closed).isNotDone();
    assertThat(sink.target().isClosed()).isFalse();
    Await.value(pipe.close());
    assertThat(closed).isDone();
  }

  @Test
  void revive_afterTheCloseIsDone_isTooLate() {
    LogPipe pipe = pipes.pipe(new RecordingSink());
    Await.value(pipe.close());
    assertThat(pipe.revive()).isFalse();
  }

  @Test
  void close_diskTakesNothing_endsWithoutItsDropLine() {
    FlakySink sink = FlakySink.asking(() -> FlakySink.failAfter(0));
    LogPipe pipe = pipes.pipe(sink);
    append(pipe, "a\n", 1, null);
    RecordingAck ack = new RecordingAck();
    pipe.drop(DropReason.PIPE_FULL, 1, ack);

    Await.value(pipe.close());

    assertThat(ack.await()).isFalse();
    assertThat(sink.target().text()).isEmpty();
    assertThat(sink.target().isClosed()).isTrue();
  }

  @Test
  void close_givesTheGuaranteeBack() {
    Pipes small = new Pipes(new PipeMemory(4L * PipeMemory.SEGMENT_BYTES));
    try (small) {
      LogPipe first = small.pipe(new RecordingSink());
      LogPipe second = small.pipe(new RecordingSink());
      byte[] three = new byte[3 * PipeMemory.SEGMENT_BYTES];
      assertThat(first.append(three, 0, three.length, Pipes.records(1), null))
          .isEqualTo(Offer.FULL);
      Await.value(second.close());
      RecordingAck ack = new RecordingAck();
      assertThat(first.append(three, 0, three.length, Pipes.records(1), ack))
          .isEqualTo(Offer.TAKEN);
      assertThat(ack.await()).isTrue();
    }
  }
}
