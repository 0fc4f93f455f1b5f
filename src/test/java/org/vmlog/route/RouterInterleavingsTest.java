package org.vmlog.route;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.Claim;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;
import org.vmlog.testing.RecordingSink;

/** A VM's generations that follow one another while guests log, in all interleavings. */
class RouterInterleavingsTest {
  private static final VmId WEB = new VmId("alice", "web");

  @Test
  void everyInterleaving_losesNoLineAndWritesWithTheNewestSink() {
    Interleavings.check(RouterOperations.class, 15);
  }

  /** What may happen to a VM's routes at the same time. Made anew for each run. */
  public static final class RouterOperations {
    private final OneFile file = new OneFile();
    private final HandMadeWriters writers = new HandMadeWriters();
    private final SourceRegistry registry = new SourceRegistry();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger acked = new AtomicInteger();
    private final Router router =
        new Router(
            new Router.Settings(
                Pipes.STYLE,
                Pipes.STYLE,
                1 << 10,
                1 << 10,
                Set.of(),
                new SourceLimits(1_000_000, 1_000_000, 1 << 30),
                InstantSource.fixed(Pipes.NOW)),
            file,
            new PipeMemory(1 << 20),
            writers);
    private @Nullable Route live;

    /** The VM has been there and has logged, and nothing of it is written yet. */
    public RouterOperations() throws IOException {
      start();
      log();
      stop();
    }

    private Generation generation() {
      var unused = registry.started(Claim.of(CONCIERGE, VmSpec.ofCid(WEB, 7)));
      return registry.byId(WEB).orElseThrow();
    }

    @Operation(nonParallelGroup = "lifecycle")
    public final void start() throws IOException {
      if (live == null) {
        live = router.open(generation());
      }
    }

    @Operation(nonParallelGroup = "lifecycle")
    public final void stop() {
      if (live != null) {
        router.release(live);
        live = null;
      }
    }

    /** A guest connects, logs a line and goes; its VM may have stopped before it comes so far. */
    @Operation
    public final void log() throws IOException {
      Route own = router.open(generation());
      byte[] line = "line\n".getBytes(US_ASCII);
      Ack ack =
          new Ack() {
            @Override
            public void written() {
              acked.incrementAndGet();
            }

            @Override
            public void failed(IOException cause) {
              throw new AssertionError(cause);
            }
          };
      Interleavings.check(
          own.pipe().append(line, 0, line.length, Pipes.records(1), ack) == Offer.TAKEN,
          "a route that is held takes no lines");
      taken.incrementAndGet();
      router.release(own);
    }

    @Operation
    public void write() {
      writers.drainOne();
    }

    @Validate
    public void everyLineIsThere() {
      writers.drainAll();
      Interleavings.check(acked.get() == taken.get(), "an ack is missing");
      Interleavings.check(file.content.lines().size() == taken.get(), "a line is missing");
      Interleavings.check(!file.writtenByOld, "a sink wrote after one that came later");
    }
  }

  /** A VM's file: once a new sink has written to it, none from before may. */
  private static final class OneFile implements Places {
    final RecordingSink content = new RecordingSink();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger newest = new AtomicInteger();
    volatile boolean writtenByOld;

    @Override
    public LineSink vmFile(VmId id) {
      int number = made.incrementAndGet();
      return new LineSink() {
        @Override
        public WriteResult write(ByteBuffer[] lines) {
          if (newest.accumulateAndGet(number, Math::max) > number) {
            writtenByOld = true;
          }
          return content.write(lines);
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
    }

    @Override
    public LineSink hostUserFile(int uid) {
      throw new UnsupportedOperationException();
    }

    @Override
    public LineSink componentFile(ComponentId id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public LineSink syslog() {
      throw new UnsupportedOperationException();
    }

    @Override
    public LineSink journal(String owner, String name) {
      throw new UnsupportedOperationException();
    }
  }
}
