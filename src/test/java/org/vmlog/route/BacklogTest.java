package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.route.LogPipeTest.append;
import static org.vmlog.route.Pipes.records;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.sink.StreamId;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.Await;
import org.vmlog.testing.RecordedSink;
import org.vmlog.testing.RecordingSink;
import org.vmlog.testing.StreamingSink;

/** What a pipe keeps of the appends that wait in it while nobody drains it. */
class BacklogTest {
  private static final int APPENDS = 10_000;
  private static final String LINE = "x".repeat(49) + "\n";

  private final List<LogPipe> handedOver = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private final DrainScheduler nobody =
      new DrainScheduler() {
        @Override
        public void submit(LogPipe pipe) {
          handedOver.add(pipe);
        }

        @Override
        public void later(Runnable task, Duration delay) {
          later.add(task);
        }
      };
  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void add_manySmallAppendsNobodyIsToldOf_keepsAFewThingsOfThem() {
    RecordingSink sink = new RecordingSink();
    LogPipe pipe = pipes.pipe(sink, nobody);
    List<WeakReference<SeverityCounts>> kept = new ArrayList<>();
    byte[] line = LINE.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < APPENDS; i++) {
      SeverityCounts counts = records(1);
      kept.add(new WeakReference<>(counts));
      assertThat(pipe.append(line, 0, line.length, counts, null)).isEqualTo(Offer.TAKEN);
    }

    Await.until("they are few", () -> alive(kept) <= APPENDS * LINE.length() / 1024);

    assertThat(pipe.drain(null)).isEqualTo(Drained.IDLE);
    assertThat(sink.lines()).hasSize(APPENDS);
    assertThat(pipes.statistics.snapshot().records().get(6)).isEqualTo(APPENDS);
  }

  private static long alive(List<? extends WeakReference<?>> references) {
    System.gc();
    return references.stream().filter(each -> each.get() != null).count();
  }

  @Test
  void add_manySmallAppendsWithSomebodyToTellOfEach_isFullBeforeTheyTakeMoreThanTheirLines() {
    LogPipe pipe = pipes.pipe(new RecordingSink(), nobody);
    List<RecordingAck> acks = new ArrayList<>();
    RecordingAck ack = new RecordingAck();
    while (append(pipe, LINE, 1, ack) == Offer.TAKEN) {
      acks.add(ack);
      ack = new RecordingAck();
    }
    assertThat(acks).hasSize(Backlog.FEW_ENTRIES + Backlog.ENTRIES_PER_SEGMENT); // in one segment

    pipe.drain(null);

    assertThat(acks).allMatch(RecordingAck::isTold);
    assertThat(append(pipe, LINE, 1, ack)).isEqualTo(Offer.TAKEN);
  }

  /** Who waits for room may be gone for long when a disk that hangs is back. */
  @Test
  void whenRoom_manyWait_keepsAFewOfThem() {
    LogPipe pipe = pipes.pipe(new RecordingSink(), nobody);
    append(pipe, LINE, 1, null);
    for (int i = 0; i < 1000; i++) {
      pipe.whenRoom(LINE.length(), 1, () -> {});
    }
    assertThat(later).hasSize(1000 - 64);
  }

  @Test
  void close_ofAStreamOfWhichSomethingWaits_letsGoOfItsSender() {
    LogPipe pipe = pipes.pipe(new StreamingSink(new RecordingSink()), nobody);
    Noted sender = new Noted(new ArrayList<>());
    WeakReference<Noted> kept = new WeakReference<>(sender);
    PipeStream stream = new PipeStream(pipe, new StreamId(new byte[] {1}), sender);
    sender = null;
    assertThat(stream.open()).isEqualTo(PipeStream.Opening.UNDER_WAY);
    pipe.drain(null);
    byte[] line = LINE.getBytes(StandardCharsets.UTF_8);
    assertThat(stream.append(line, 0, line.length, 1, records(1))).isEqualTo(Offer.TAKEN);

    stream.close();

    Await.until("it is let go of", () -> alive(List.of(kept)) == 0);
    assertThat(pipe.waitingBytes()).isEqualTo(LINE.length());
  }

  /** What comes while a write is under way is not told of with it. */
  @Test
  void written_somethingWasAppendedMeanwhile_countsWhatIsWritten() {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    RecordedSink sink =
        new RecordedSink() {
          @Override
          public WriteResult write(ByteBuffer[] lines) {
            meanwhile.getAndSet(() -> {}).run();
            return super.write(lines);
          }
        };
    LogPipe pipe = pipes.pipe(sink, nobody);
    append(pipe, "a\n", 1, null);
    meanwhile.set(() -> append(pipe, "b\n", 1, null));

    assertThat(pipe.drain(null)).isEqualTo(Drained.AGAIN);
    assertThat(pipes.statistics.snapshot().records().get(6)).isEqualTo(1);
    assertThat(pipe.drain(null)).isEqualTo(Drained.IDLE);
    assertThat(pipes.statistics.snapshot().records().get(6)).isEqualTo(2);
  }

  @Test
  void lose_ofJoinedAppendsSomeStand_countsTheOthersAsDropped() {
    RecordedSink sink =
        new RecordedSink() {
          private boolean failed;

          @Override
          public WriteResult write(ByteBuffer[] lines) {
            if (failed) {
              return super.write(lines);
            }
            failed = true;
            super.write(new ByteBuffer[] {lines[0].limit(2 * LINE.length())});
            return new WriteResult.Failed(2 * LINE.length(), new IOException("full"));
          }
        };
    LogPipe pipe = pipes.pipe(sink, nobody);
    for (int i = 0; i < 7; i++) {
      append(pipe, LINE, 1, null);
    }

    pipe.drain(null);

    assertThat(sink.target().lines())
        .containsExactly(
            LINE.strip(), LINE.strip(), Pipes.DROP_HEAD + "5 records dropped (write error)");
  }

  /** Numbers that follow each other are one thing to tell, whoever sends them one by one. */
  @Test
  void add_streamOneByOne_isFullOnlyWhereItLeavesOutNumbers() {
    List<Long> written = new ArrayList<>();
    LogPipe pipe = pipes.pipe(new StreamingSink(new RecordingSink()), nobody);
    PipeStream stream = new PipeStream(pipe, new StreamId(new byte[] {1}), new Noted(written));
    assertThat(stream.open()).isEqualTo(PipeStream.Opening.UNDER_WAY);
    assertThat(pipe.drain(null)).isEqualTo(Drained.IDLE);
    byte[] line = LINE.getBytes(StandardCharsets.UTF_8);
    for (int seq = 1; seq <= 5000; seq++) {
      assertThat(stream.append(line, 0, line.length, seq, records(1))).isEqualTo(Offer.TAKEN);
    }
    int taken = 0;
    while (stream.append(line, 0, line.length, 6000 + 2 * taken, records(1)) == Offer.TAKEN) {
      taken++;
    }
    int segments = 5000 * line.length / PipeMemory.SEGMENT_BYTES + 1;
    assertThat(taken)
        .isBetween(
            segments * Backlog.ENTRIES_PER_SEGMENT / 2,
            Backlog.FEW_ENTRIES + (segments + 2) * Backlog.ENTRIES_PER_SEGMENT);

    while (pipe.drain(null) == Drained.AGAIN) {
      // An intent says no more than so much.
    }
    assertThat(written.get(written.size() - 1)).isEqualTo(6000 + 2 * (taken - 1));
  }

  private record Noted(List<Long> written) implements PipeStream.Listener {
    @Override
    public void opened(long lastSeq) {}

    @Override
    public void written(long lastSeq) {
      written.add(lastSeq);
    }

    @Override
    public void failed(IOException cause) {
      throw new AssertionError(cause);
    }

    @Override
    public void takenOver() {
      throw new AssertionError("nobody else has the stream");
    }
  }
}
