package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.route.LogPipeTest.append;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.RecordingSink;

class SinkOrdersTest {
  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void rotate_whileTheSinkIsBusy_isDoneOnceAndBeforeWhatWaits() {
    BlockingSink gate = new BlockingSink();
    RecordingSink sink = new RecordingSink();
    LogPipe pipe = pipes.pipe(new GatedSink(gate, sink));
    append(pipe, "first\n", 1, null);
    gate.awaitBlocked();
    append(pipe, "second\n", 1, null);
    CompletableFuture<Void> rotated = pipe.rotate();
    CompletableFuture<Void> again = pipe.rotate();
    CompletableFuture<Void> arrived = pipe.arrive();
    assertThat(arrived).isNotDone();
    gate.release();

    Await.value(arrived);
    assertThat(rotated).isCompleted().isSameAs(again);
    Await.until("the rest is written", () -> sink.text().equals("first\nsecond\n"));
    assertThat(sink.events()).containsExactly("first\n", "[rotate]", "second\n");
  }

  @Test
  void rotate_thatFails_answersWithTheReason() {
    answersWithTheReason(
        () -> {
          throw new IOException("not now");
        });
  }

  /** As a fault of the sink's would. */
  @Test
  void rotate_thatThrowsAnything_answersWithTheReason() {
    answersWithTheReason(
        () -> {
          throw new IllegalStateException("not now");
        });
  }

  private interface Rotation {
    void run() throws IOException;
  }

  private void answersWithTheReason(Rotation rotation) {
    LogPipe pipe =
        pipes.pipe(
            new LineSink() {
              @Override
              public WriteResult write(ByteBuffer[] lines) {
                return new WriteResult.Complete(0);
              }

              @Override
              public void reopen() {}

              @Override
              public void rotate() throws IOException {
                rotation.run();
              }

              @Override
              public Object device() {
                return this;
              }

              @Override
              public void close() {}
            });

    CompletableFuture<Void> rotated = pipe.rotate();
    Await.until("it is told", rotated::isDone);
    assertThatThrownBy(rotated::join).hasRootCauseMessage("not now");
    assertThat(Await.value(pipe.arrive())).isNull();
  }

  @Test
  void orders_ofAClosedPipe_areAnsweredAtOnce() {
    LogPipe pipe = pipes.pipe(new RecordingSink());
    Await.value(pipe.close());

    assertThat(pipe.rotate()).isCompleted();
    assertThat(pipe.reopen()).isCompleted();
    assertThat(pipe.arrive()).isCompleted();
  }
}
