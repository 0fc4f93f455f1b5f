package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.route.LogPipeTest.append;
import static org.vmlog.route.Pipes.DROP_HEAD;

import java.time.Duration;
import java.util.ArrayDeque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.FlakySink;

class LogPipeDropsTest {
  private static final String PIPE_FULL = " records dropped (pipe full)\n";
  private static final String WRITE_ERROR = " records dropped (write error)\n";
  private static final String REFUSED = " requests refused (log could not be written)\n";
  private static final String CUT = " records cut (line too long)\n";

  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void drain_writeFails_onlyWhatIsWhollyWrittenIsAcknowledged() {
    BlockingSink gate = new BlockingSink();
    FlakySink sink = FlakySink.script(FlakySink.all(), FlakySink.failAfter(3));
    LogPipe pipe = pipes.pipe(new GatedSink(gate, sink));
    append(pipe, "first\n", 1, null);
    gate.awaitBlocked();
    RecordingAck whole = new RecordingAck();
    RecordingAck torn = new RecordingAck();
    RecordingAck missing = new RecordingAck();
    append(pipe, "a\nb\n", 2, whole);
    append(pipe, "c\nd\n", 2, torn);
    append(pipe, "e\n", 1, missing);
    gate.release();

    assertThat(whole.await()).isTrue();
    assertThat(torn.await()).isFalse();
    assertThat(missing.await()).isFalse();

    RecordingAck after = new RecordingAck();
    append(pipe, "f\n", 1, after);
    assertThat(after.await()).isTrue();
    assertThat(sink.target().text())
        .isEqualTo("first\na\nb\nc\n" + DROP_HEAD + 2 + REFUSED + "f\n");
    assertThat(whole.calls() + torn.calls() + missing.calls()).isEqualTo(3);
    assertThat(pipes.memory.sharedBytes()).isZero();
  }

  @Test
  void drain_writeOfLinesThatNobodyWaitsForFails_aDropLineSaysSo() {
    FlakySink sink = FlakySink.script(FlakySink.failAfter(0));
    LogPipe pipe = pipes.pipe(sink);

    append(pipe, "a\nb\nc\n", 3, null);

    String expected = DROP_HEAD + 3 + WRITE_ERROR;
    Await.until("the drop line stands", () -> sink.target().text().equals(expected));
  }

  @Test
  void drain_dropLineFails_isTriedAgainWithoutANewAppend() {
    FlakySink sink =
        FlakySink.script(FlakySink.failAfter(0), FlakySink.failAfter(0), FlakySink.failAfter(0));
    LogPipe pipe = pipes.pipe(sink);

    append(pipe, "a\n", 1, null);

    String expected = DROP_HEAD + 1 + WRITE_ERROR;
    Await.until("the drop line stands", () -> sink.target().text().equals(expected));
  }

  @Test
  void drain_dropLineFails_linesThatComeNextDoNotWaitForIt() {
    FlakySink sink = FlakySink.script(FlakySink.failAfter(0), FlakySink.failAfter(0));
    ArrayDeque<LogPipe> handedOver = new ArrayDeque<>();
    ArrayDeque<Runnable> later = new ArrayDeque<>();
    LogPipe pipe =
        pipes.pipe(
            sink,
            new DrainScheduler() {
              @Override
              public void submit(LogPipe one) {
                handedOver.add(one);
              }

              @Override
              public void later(Runnable task, Duration delay) {
                later.add(task);
              }
            });
    append(pipe, "a\n", 1, null);
    assertThat(handedOver.remove().drain(null)).isEqualTo(Drained.IDLE);
    assertThat(later).hasSize(1);

    RecordingAck ack = new RecordingAck();
    append(pipe, "b\n", 1, ack);
    assertThat(handedOver.remove().drain(null)).isEqualTo(Drained.IDLE);
    assertThat(ack.await()).isTrue();
    assertThat(sink.target().text()).isEqualTo("b\n" + DROP_HEAD + 1 + WRITE_ERROR);

    later.remove().run();
    assertThat(handedOver.remove().drain(null)).isEqualTo(Drained.IDLE);
    assertThat(later).isEmpty();
  }

  @Test
  void drop_idlePipe_isAcknowledgedWithItsLineInTheSink() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink);
    RecordingAck ack = new RecordingAck();

    assertThat(pipe.drop(DropReason.PIPE_FULL, 12, ack)).isTrue();

    sink.awaitBlocked();
    assertThat(ack.isTold()).isFalse();
    sink.release();
    assertThat(ack.await()).isTrue();
    assertThat(sink.target().text()).isEqualTo(DROP_HEAD + 12 + PIPE_FULL);
    assertThat(ack.calls()).isEqualTo(1);
  }

  @Test
  void drop_whileLinesWait_isSaidAfterThemAndOnceForAll() {
    BlockingSink sink = new BlockingSink();
    LogPipe pipe = pipes.pipe(sink);
    append(pipe, "a\n", 1, null);
    sink.awaitBlocked();
    append(pipe, "b\n", 1, null);
    pipe.drop(DropReason.PIPE_FULL, 2, null);
    RecordingAck ack = new RecordingAck();
    pipe.drop(DropReason.PIPE_FULL, 3, ack);
    sink.release();

    assertThat(ack.await()).isTrue();
    assertThat(sink.target().events()).containsExactly("a\n", "b\n", DROP_HEAD + 5 + PIPE_FULL);
  }

  @Test
  void drop_itsLineFails_theSenderIsToldAndKeepsItsRecords() {
    FlakySink sink = FlakySink.script(FlakySink.failAfter(0));
    LogPipe pipe = pipes.pipe(sink);
    RecordingAck ack = new RecordingAck();

    pipe.drop(DropReason.PIPE_FULL, 5, ack);
    assertThat(ack.await()).isFalse();

    // Nothing is left to be said: the sender still has them.
    RecordingAck next = new RecordingAck();
    append(pipe, "next\n", 1, next);
    assertThat(next.await()).isTrue();
    RecordingAck last = new RecordingAck();
    pipe.drop(DropReason.LINE_CUT, 1, last);
    assertThat(last.await()).isTrue();
    assertThat(sink.target().text()).isEqualTo("next\n" + DROP_HEAD + 1 + CUT);
  }

  @Test
  void drop_severalReasonsAndAFailureBetweenTheirLines_eachIsCountedOnce() {
    BlockingSink gate = new BlockingSink();
    FlakySink sink =
        FlakySink.script(FlakySink.all(), FlakySink.pauseAfter(1), FlakySink.pauseAfter(1));
    LogPipe pipe = pipes.pipe(new GatedSink(gate, sink));
    append(pipe, "a\n", 1, null);
    gate.awaitBlocked();
    RecordingAck full = new RecordingAck();
    RecordingAck cut = new RecordingAck();
    RecordingAck tooMany = new RecordingAck();
    pipe.drop(DropReason.PIPE_FULL, 5, full);
    pipe.drop(DropReason.LINE_CUT, 6, cut);
    pipe.drop(DropReason.TOO_MANY_RECORDS, 7, tooMany);
    gate.release();

    assertThat(full.await() && cut.await() && tooMany.await()).isTrue();
    assertThat(sink.target().lines())
        .containsExactlyInAnyOrder(
            "a",
            (DROP_HEAD + 5 + PIPE_FULL).strip(),
            (DROP_HEAD + 6 + CUT).strip(),
            (DROP_HEAD + 7 + " records dropped (too many records in one request)"));
  }
}
