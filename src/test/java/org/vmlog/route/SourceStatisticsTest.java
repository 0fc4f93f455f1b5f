package org.vmlog.route;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Await;
import org.vmlog.testing.BlockingSink;
import org.vmlog.testing.FlakySink;
import org.vmlog.testing.RecordingSink;

/** What a pipe counts of what becomes of its lines. */
class SourceStatisticsTest {
  private static final List<Long> NONE = List.of(0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);

  private final Pipes pipes = new Pipes();

  @AfterEach
  void end() {
    pipes.close();
  }

  @Test
  void written_records_areCountedBySeverityWhenTheyAreAcknowledged() {
    LogPipe pipe = pipes.pipe(new RecordingSink());
    SeverityCounts counts = new SeverityCounts();
    counts.add(0, 100);
    counts.add(6, 20);
    counts.add(6, 30);
    counts.add(7, 1);
    append(pipe, counts);
    append(pipe, Pipes.records(2));

    StatisticsSnapshot seen = pipes.statistics.snapshot();

    assertThat(seen.records()).containsExactly(1L, 0L, 0L, 0L, 0L, 0L, 4L, 1L);
    assertThat(seen.bytes()).containsExactly(100L, 0L, 0L, 0L, 0L, 0L, 70L, 1L);
    assertThat(seen.lastWritten()).contains(Pipes.NOW);
  }

  @Test
  void written_writeFailsMidway_onlyWholeAppendsCount() {
    BlockingSink gate = new BlockingSink();
    FlakySink sink = FlakySink.script(FlakySink.all(), FlakySink.failAfter(3));
    LogPipe pipe = pipes.pipe(new GatedSink(gate, sink));
    LogPipeTest.append(pipe, "first\n", 1, null);
    gate.awaitBlocked();
    RecordingAck torn = new RecordingAck();
    LogPipeTest.append(pipe, "a\nb\n", 2, new RecordingAck());
    LogPipeTest.append(pipe, "c\nd\n", 2, torn);
    gate.release();
    assertThat(torn.await()).isFalse();

    assertThat(pipes.statistics.snapshot().records().get(6)).isEqualTo(3);
    LogPipeTest.append(pipe, "c\nd\n", 2, torn); // as its sender does
    Await.until(
        "what came again is written", () -> pipes.statistics.snapshot().records().get(6) == 5);
    assertThat(pipes.statistics.snapshot().dropped()).as("refused is not dropped").isEmpty();
  }

  @Test
  void dropped_senderWaits_countsWithTheLineThatSaysSo() {
    FlakySink sink = FlakySink.script(FlakySink.failAfter(0), FlakySink.all());
    LogPipe pipe = pipes.pipe(sink);
    RecordingAck unsaid = new RecordingAck();
    pipe.drop(DropReason.RATE_LIMIT, 5, unsaid);
    assertThat(unsaid.await()).isFalse();
    assertThat(pipes.statistics.snapshot().dropped()).as("its sender has it still").isEmpty();

    RecordingAck said = new RecordingAck();
    pipe.drop(DropReason.RATE_LIMIT, 7, said);
    assertThat(said.await()).isTrue();

    assertThat(pipes.statistics.snapshot().dropped())
        .containsExactly(entry(DropReason.RATE_LIMIT, 7L));
    assertThat(pipes.statistics.snapshot().records()).isEqualTo(NONE);
  }

  @Test
  void dropped_nobodyWaits_countsThoughItCannotBeSaid() {
    LogPipe pipe = pipes.pipe(FlakySink.asking(() -> FlakySink.failAfter(0)));
    LogPipeTest.append(pipe, "a\nb\nc\n", 3, null);
    Await.until(
        "they are counted",
        () -> pipes.statistics.snapshot().dropped().getOrDefault(DropReason.WRITE_ERROR, 0L) == 3);
    pipe.drop(DropReason.PIPE_FULL, 4, null);
    Await.until(
        "these too",
        () -> pipes.statistics.snapshot().dropped().getOrDefault(DropReason.PIPE_FULL, 0L) == 4);
    assertThat(pipes.statistics.snapshot().lastWritten()).isEmpty();
  }

  private static void append(LogPipe pipe, SeverityCounts counts) {
    byte[] lines = "a line\n".getBytes(US_ASCII);
    RecordingAck ack = new RecordingAck();
    assertThat(pipe.append(lines, 0, lines.length, counts, ack)).isEqualTo(Offer.TAKEN);
    assertThat(ack.await()).isTrue();
  }
}
