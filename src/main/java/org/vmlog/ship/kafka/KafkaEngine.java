package org.vmlog.ship.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ShipConfig;
import org.vmlog.platform.Threads;
import org.vmlog.ship.Encoder;
import org.vmlog.ship.Engine;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.RecordIds;
import org.vmlog.ship.Shipment;

/**
 * Produces to a topic, keyed by host and source, so that a source's records are in one partition
 * and in order.
 *
 * <p>There is a producer as long as the cluster answers. It tries for ever what can be tried again;
 * after any other failure it is given up with all it holds, and the next begins when the topic is
 * there. Thread-safe; {@link #send} is called on one thread.
 */
public final class KafkaEngine implements Engine {
  private static final long LOOK_MILLIS = 500;
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final ShipConfig.Kafka topic;
  private final KafkaSettings settings;
  private final KafkaProbe probe;
  private final RecordIds ids;
  private final Encoder encoder;
  private final ScheduledExecutorService watch;
  private final AtomicInteger underWay = new AtomicInteger();

  private volatile EngineState state = EngineState.CONNECTING;
  private volatile long heardAt = System.nanoTime();

  @GuardedBy("this")
  private @Nullable Producer<byte[], byte[]> producer;

  /** Whether the producer has failed, and is of no more use. */
  @GuardedBy("this")
  private boolean spoilt;

  @GuardedBy("this")
  private boolean closed;

  private KafkaEngine(KafkaSettings settings, RecordIds ids, Encoder encoder) {
    this.topic = settings.topic();
    this.settings = settings;
    this.probe = new KafkaProbe(settings);
    this.ids = ids;
    this.encoder = encoder;
    this.watch = new ScheduledThreadPoolExecutor(1, Threads.named("vmlog-kafka"));
  }

  /**
   * Connects, some time later.
   *
   * @param bufferBytes of messages that wait for an answer
   */
  public static KafkaEngine start(
      ShipConfig.Kafka topic, long bufferBytes, RecordIds ids, Encoder encoder) {
    KafkaEngine engine = new KafkaEngine(new KafkaSettings(topic, bufferBytes), ids, encoder);
    var unused =
        engine.watch.scheduleWithFixedDelay(engine::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    return engine;
  }

  @Override
  public String name() {
    return "kafka " + topic.bootstrap() + ", topic " + topic.topic();
  }

  @Override
  public EngineState state() {
    return state;
  }

  @Override
  public void send(Shipment shipment, Consumer<Outcome> outcome) {
    Producer<byte[], byte[]> to = producer();
    if (to == null) {
      outcome.accept(Outcome.RETRY);
      return;
    }
    List<byte[]> messages = encoder.encode(shipment);
    if (messages.stream().anyMatch(message -> message.length > topic.maxMessageBytes())) {
      outcome.accept(Outcome.TOO_LARGE);
      return;
    }
    if (underWay.getAndIncrement() == 0) {
      heardAt = System.nanoTime();
    }
    Parts parts = new Parts(messages.size(), outcome);
    byte[] key = ids.key(shipment.source()).getBytes(UTF_8);
    for (byte[] message : messages) {
      try {
        var unused =
            to.send(
                new ProducerRecord<>(topic.topic(), key, message),
                (written, failure) -> answered(to, parts, failure));
      } catch (KafkaException | IllegalStateException e) {
        answered(to, parts, e);
      }
    }
  }

  private void answered(Producer<byte[], byte[]> by, Parts parts, @Nullable Exception failure) {
    heardAt = System.nanoTime();
    Outcome outcome = Outcome.ACKNOWLEDGED;
    if (failure != null) {
      outcome = KafkaFault.isTooLarge(failure) ? Outcome.TOO_LARGE : Outcome.RETRY;
    }
    if (failure != null && outcome == Outcome.RETRY) {
      spoil(by, failure);
    }
    if (parts.arrived(outcome)) {
      underWay.decrementAndGet();
      parts.tell();
    }
  }

  private synchronized void spoil(Producer<byte[], byte[]> by, Exception failure) {
    if (by == producer && !spoilt) {
      spoilt = true;
      state = KafkaFault.state(failure);
    }
  }

  /** Finds out what is the matter, if something is. */
  private void look() {
    try {
      boolean silent = underWay.get() > 0 && System.nanoTime() - heardAt > SILENCE_NANOS;
      if (state.isReady() && !silent) {
        return;
      }
      Producer<byte[], byte[]> old = takeSpoilt();
      if (old != null) {
        old.close(Duration.ZERO);
      }
      EngineState found = probe.ask();
      if (found.isReady()) {
        begin();
      }
      state = found;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      // Nothing may end the watch.
      state = KafkaFault.state(e);
    }
  }

  private synchronized @Nullable Producer<byte[], byte[]> takeSpoilt() {
    Producer<byte[], byte[]> old = spoilt ? producer : null;
    if (spoilt) {
      producer = null;
      spoilt = false;
    }
    return old;
  }

  private synchronized @Nullable Producer<byte[], byte[]> producer() {
    return producer;
  }

  private synchronized void begin() throws IOException {
    if (producer == null && !closed) {
      producer = new KafkaProducer<>(settings.producer());
      heardAt = System.nanoTime();
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
    Producer<byte[], byte[]> closing;
    synchronized (this) {
      closed = true;
      closing = producer;
      producer = null;
    }
    if (closing != null) {
      closing.close(Duration.ZERO);
    }
  }
}
