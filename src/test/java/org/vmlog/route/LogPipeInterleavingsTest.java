package org.vmlog.route;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.vmlog.record.SourceLabel;
import org.vmlog.testing.RecordingSink;

/** The hand-over between those who append and those who write, in all its interleavings. */
class LogPipeInterleavingsTest {
  @Test
  void everyInterleaving_wakesAWriterOnceAndAcksWhatIsWritten() {
    Interleavings.check(PipeOperations.class, 20);
  }

  /** What may happen to a pipe at the same time. Made anew for each run. */
  public static final class PipeOperations {
    private final RecordingSink sink = new RecordingSink();
    private final HandMadeWriters writers = new HandMadeWriters();
    private final List<RecordingAck> acks = new ArrayList<>(); // guarded by itself
    private final AtomicInteger taken = new AtomicInteger();
    private final List<CompletableFuture<Void>> orders = new ArrayList<>(); // guarded by itself
    private final LogPipe pipe =
        new LogPipe(
            "test",
            sink,
            1 << 10,
            new PipeMemory(1 << 20),
            writers,
            new OwnLines(
                Pipes.STYLE, SourceLabel.vm("alice", "web", 7), InstantSource.fixed(Pipes.NOW)),
            new SourceStatistics(InstantSource.fixed(Pipes.NOW)),
            null);

    public PipeOperations() {
      append(); // so that there is something to write in every scenario
    }

    @Operation
    public final void append() {
      byte[] line = "line\n".getBytes(US_ASCII);
      RecordingAck ack = new RecordingAck();
      if (pipe.append(line, 0, line.length, Pipes.records(1), ack) == Offer.TAKEN) {
        taken.incrementAndGet();
        synchronized (acks) {
          acks.add(ack);
        }
      }
    }

    @Operation
    public void drop() {
      RecordingAck ack = new RecordingAck();
      if (pipe.drop(DropReason.RATE_LIMIT, 1, ack)) {
        synchronized (acks) {
          acks.add(ack);
        }
      }
    }

    @Operation
    public void reopen() {
      CompletableFuture<Void> done = pipe.reopen();
      synchronized (orders) {
        orders.add(done);
      }
    }

    @Operation
    public void close() {
      var unused = pipe.close();
    }

    @Operation
    public void revive() {
      pipe.revive();
    }

    @Operation
    public void write() {
      writers.drainOne();
    }

    @Validate
    public void nothingIsLeft() {
      writers.drainAll();
      for (RecordingAck ack : acks) {
        Interleavings.check(ack.calls() == 1, "an ack was called " + ack.calls() + " times");
      }
      for (CompletableFuture<Void> order : orders) {
        Interleavings.check(order.isDone(), "an order was not carried out");
      }
      int lines = Collections.frequency(sink.lines(), "line");
      Interleavings.check(lines == taken.get(), lines + " lines of " + taken + " are there");
    }
  }
}
