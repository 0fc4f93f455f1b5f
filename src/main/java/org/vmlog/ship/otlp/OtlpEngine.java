package org.vmlog.ship.otlp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ShipConfig;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.OneLine;
import org.vmlog.platform.Threads;
import org.vmlog.ship.Encoder;
import org.vmlog.ship.Engine;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.EngineState.Kind;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.Shipment;

/**
 * Exports to a receiver of OTLP by gRPC.
 *
 * <p>After a failure that is not a shipment's own nothing more is sent until the receiver takes an
 * empty request. That is tried after the pause that it has asked for, or else after one second and
 * up to twice as long each time, at most half a minute; everything in files is read anew for it.
 * Thread-safe; {@link #send} is called on one thread.
 */
public final class OtlpEngine implements Engine {
  private static final LimitedLog REJECTED =
      LimitedLog.on(LoggerFactory.getLogger(OtlpEngine.class));

  private static final long FIRST_PAUSE_MILLIS = 1000;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final byte[] NOTHING = {};

  private final ShipConfig.Otlp receiver;
  private final Encoder encoder;
  private final ScheduledThreadPoolExecutor worker;
  private final LongAdder rejected = new LongAdder();

  private volatile EngineState state = EngineState.CONNECTING;
  private volatile @Nullable OtlpConnection connection;

  @GuardedBy("this")
  private long pauseMillis = FIRST_PAUSE_MILLIS;

  /** Whether a look at the receiver is under way, or due. */
  @GuardedBy("this")
  private boolean looking = true;

  private OtlpEngine(ShipConfig.Otlp receiver, Encoder encoder) {
    this.receiver = receiver;
    this.encoder = encoder;
    this.worker = new ScheduledThreadPoolExecutor(1, Threads.named("vmlog-otlp"));
  }

  /** Connects, some time later. */
  public static OtlpEngine start(ShipConfig.Otlp receiver, Encoder encoder) {
    OtlpEngine engine = new OtlpEngine(receiver, encoder);
    engine.worker.execute(engine::look);
    return engine;
  }

  @Override
  public String name() {
    return "otlp " + receiver.host() + ":" + receiver.port();
  }

  @Override
  public EngineState state() {
    return state;
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
    byte[] request = encoder.encode(shipment).get(0);
    if (request.length > receiver.maxMessageBytes()) {
      outcome.accept(Outcome.TOO_LARGE);
      return;
    }
    export(
        to,
        request,
        new ExportCall.Listener() {
          @Override
          public void taken(ExportAnswer answer) {
            if (answer.rejected() > 0) {
              rejected.add(answer.rejected());
              REJECTED.warn(
                  "{} did not take {} records: {}",
                  name(),
                  answer.rejected(),
                  OneLine.of(answer.message()));
            }
            outcome.accept(Outcome.ACKNOWLEDGED);
          }

          @Override
          public void failed(OtlpFault fault) {
            OtlpEngine.this.failed(fault);
            outcome.accept(fault.outcome());
          }
        });
  }

  private void export(OtlpConnection to, byte[] request, ExportCall.Listener listener) {
    String compression = receiver.compression().equals("none") ? "identity" : "gzip";
    ExportCall.start(to.channel(), to.headers(), compression, request, listener);
  }

  private void failed(OtlpFault fault) {
    fault.state().ifPresent(now -> failed(now, fault.pause()));
  }

  /** Looks again after a while, unless that is to happen anyway. */
  private synchronized void failed(EngineState now, Optional<Duration> pause) {
    state = now;
    if (looking) {
      return;
    }
    looking = true;
    long millis = pause.map(Duration::toMillis).orElseGet(this::backOff);
    try {
      var unused = worker.schedule(this::look, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      return; // closed
    }
  }

  /** Exponential, with a jitter: a fleet that lost its receiver is not to come back as one. */
  @GuardedBy("this")
  private long backOff() {
    long millis = pauseMillis;
    pauseMillis = Math.min(2 * millis, LONGEST_PAUSE_MILLIS);
    return millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1);
  }

  private void look() {
    OtlpConnection old = connection;
    connection = null;
    if (old != null) {
      old.close();
    }
    try {
      OtlpConnection fresh = OtlpConnection.open(receiver);
      connection = fresh;
      export(
          fresh,
          NOTHING,
          new ExportCall.Listener() {
            @Override
            public void taken(ExportAnswer answer) {
              found(EngineState.READY, Optional.empty());
            }

            @Override
            public void failed(OtlpFault fault) {
              // To refuse an empty request is to understand it.
              found(fault.state().orElse(EngineState.READY), fault.pause());
            }
          });
    } catch (IOException | RuntimeException e) {
      found(
          new EngineState(Kind.WRONG_CREDENTIALS, String.valueOf(e.getMessage())),
          Optional.empty());
    }
  }

  private synchronized void found(EngineState now, Optional<Duration> pause) {
    looking = false;
    if (now.isReady()) {
      pauseMillis = FIRST_PAUSE_MILLIS;
      state = now;
    } else {
      failed(now, pause);
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
