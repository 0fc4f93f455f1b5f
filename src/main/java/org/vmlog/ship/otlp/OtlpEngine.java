package org.vmlog.ship.otlp;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ShipConfig;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.OneLine;
import org.vmlog.platform.Threads;
import org.vmlog.ship.Batch;
import org.vmlog.ship.Encoder;
import org.vmlog.ship.Engine;
import org.vmlog.ship.EngineGate;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.Shipment;

/**
 * Exports to a receiver of OTLP by gRPC or HTTP.
 *
 * <p>A look makes a connection anew, with everything in files read again, and sends an empty
 * request, so that a receiver which is away or refuses everybody gets no more than that.
 * Thread-safe; {@link #send} is called on one thread.
 */
public final class OtlpEngine implements Engine {
  private static final LimitedLog REJECTED =
      LimitedLog.on(LoggerFactory.getLogger(OtlpEngine.class));

  private static final int MAX_SAID = 1000;
  private static final byte[] NOTHING = {};

  private final ShipConfig.Otlp receiver;
  private final Encoder encoder;
  private final ScheduledThreadPoolExecutor worker;
  private final EngineGate gate;
  private final Suspects suspects = new Suspects();
  private final LongAdder rejected = new LongAdder();
  private final AtomicInteger underWay = new AtomicInteger();

  private volatile @Nullable OtlpConnection connection;

  private OtlpEngine(ShipConfig.Otlp receiver, Encoder encoder) {
    this.receiver = receiver;
    this.encoder = encoder;
    this.worker = Threads.timer("vmlog-otlp");
    this.gate = new EngineGate(worker, this::look);
  }

  /** Connects, some time later. */
  public static OtlpEngine start(ShipConfig.Otlp receiver, Encoder encoder) {
    OtlpEngine engine = new OtlpEngine(receiver, encoder);
    engine.gate.start();
    return engine;
  }

  @Override
  public String name() {
    return "otlp " + receiver.host() + ":" + receiver.port();
  }

  @Override
  public EngineState state() {
    return gate.state();
  }

  @Override
  public boolean isOpen() {
    OtlpConnection to = connection;
    return to != null && underWay.get() < to.limit() && gate.isOpen();
  }

  @Override
  public long rejectedRecords() {
    return rejected.sum();
  }

  @Override
  public void send(Shipment shipment, Consumer<Outcome> outcome) {
    OtlpConnection to = connection;
    if (to == null) {
      outcome.accept(Outcome.RETRY);
      return;
    }
    List<byte[]> requests = encoder.encode(shipment);
    if (requests.stream().anyMatch(request -> request.length > receiver.maxMessageBytes())) {
      outcome.accept(Outcome.TOO_LARGE);
      return;
    }
    gate.sending();
    underWay.incrementAndGet();
    export(to, shipment, requests.iterator(), outcome);
  }

  /** Sends what is left of a shipment, each request when the one before it was taken. */
  private void export(
      OtlpConnection to, Shipment shipment, Iterator<byte[]> left, Consumer<Outcome> outcome) {
    to.export(
        left.next(),
        new OtlpConnection.Listener() {
          @Override
          public void taken(ExportAnswer answer) {
            count(shipment, answer);
            if (left.hasNext()) {
              export(to, shipment, left, outcome);
              return;
            }
            underWay.decrementAndGet();
            suspects.taken(shipment);
            gate.took();
            outcome.accept(Outcome.ACKNOWLEDGED);
          }

          @Override
          public void failed(OtlpFault fault) {
            underWay.decrementAndGet();
            outcome.accept(to == connection ? judge(shipment, fault) : Outcome.RETRY);
          }
        });
  }

  /** What a receiver says it did not take is no more than it was sent. */
  private void count(Shipment shipment, ExportAnswer answer) {
    long sent = shipment instanceof Batch batch ? batch.count() : 1;
    long refused = Math.min(answer.rejected(), sent);
    if (refused > 0) {
      rejected.add(refused);
      String said = answer.message();
      REJECTED.warn(
          "{} did not take {} records: {}",
          name(),
          refused,
          OneLine.of(said.substring(0, Math.min(MAX_SAID, said.length()))));
    }
  }

  private Outcome judge(Shipment shipment, OtlpFault fault) {
    Suspects.Verdict verdict =
        switch (fault.blame()) {
          case SHIPMENT, SIZE -> Suspects.Verdict.SHIPMENT;
          case UNCLEAR, UNCLEAR_SIZE -> suspects.refused(shipment);
          case RECEIVER -> Suspects.Verdict.OPEN;
        };
    if (verdict == Suspects.Verdict.SHIPMENT) {
      gate.passed();
    } else {
      gate.failed(fault.state(), fault.pause());
    }
    boolean isSize =
        fault.blame() == OtlpFault.Blame.SIZE || fault.blame() == OtlpFault.Blame.UNCLEAR_SIZE;
    if (verdict == Suspects.Verdict.OPEN) {
      return Outcome.RETRY;
    }
    return isSize ? Outcome.TOO_LARGE : Outcome.REJECTED;
  }

  private void look() {
    OtlpConnection old = connection;
    try {
      OtlpConnection fresh = OtlpConnection.open(receiver, old);
      connection = fresh;
      fresh.export(
          NOTHING,
          new OtlpConnection.Listener() {
            @Override
            public void taken(ExportAnswer answer) {
              gate.found();
            }

            @Override
            public void failed(OtlpFault fault) {
              if (fault.blame() == OtlpFault.Blame.SHIPMENT) {
                gate.found(); // To refuse an empty request is to understand it.
              } else {
                gate.notFound(fault.state(), fault.pause());
              }
            }
          });
    } catch (IOException | RuntimeException e) {
      gate.notFound(
          new EngineState(Kind.WRONG_CREDENTIALS, String.valueOf(e.getMessage())),
          Optional.empty());
    }
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
    OtlpConnection closing = connection;
    if (closing != null) {
      closing.close();
    }
  }
}
