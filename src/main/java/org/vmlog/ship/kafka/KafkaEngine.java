package org.vmlog.ship.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ShipConfig;
import org.vmlog.platform.Retry;
import org.vmlog.platform.Threads;
import org.vmlog.ship.Encoder;
import org.vmlog.ship.Engine;
import org.vmlog.ship.EngineGate;
import org.vmlog.ship.EngineState;
import org.vmlog.ship.Outcome;
import org.vmlog.ship.RecordIds;
import org.vmlog.ship.Shipment;

/**
 * Produces to a topic, keyed by host and source, so that a source's records are in one partition
 * and in order.
 *
 * <p>There is a producer as long as the cluster answers. It tries for ever what can be tried again,
 * and what it waits for a probe tells, beside it; after any other failure it is given up with all
 * it holds, and the next begins when the topic is there. Thread-safe; {@link #send} is called on
 * one thread.
 */
public final class KafkaEngine implements Engine {
  private static final long WATCH_MILLIS = 500;
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final Duration FIRST_QUESTION = Duration.ofMillis(250);
  private static final Duration LAST_QUESTION = Duration.ofSeconds(10);

  private final ShipConfig.Kafka topic;
  private final KafkaSettings settings;
  private final KafkaProbe probe;
  private final RecordIds ids;
  private final Encoder encoder;
  private final ScheduledExecutorService watch;
  private final EngineGate gate;
  private final Retry questions = new Retry(FIRST_QUESTION, LAST_QUESTION, new SplittableRandom());
  private final AtomicInteger underWay = new AtomicInteger();

  /** Of the producer's memory, as it will be taken at most. */
  private final AtomicLong underWayBytes = new AtomicLong();

  private volatile long heardAt = System.nanoTime();
  private long askAt = System.nanoTime(); // the watch's

  @GuardedBy("this")
  private @Nullable Producer<byte[], byte[]> producer;

  @GuardedBy("this")
  private boolean closed;

  private KafkaEngine(KafkaSettings settings, RecordIds ids, Encoder encoder) {
    this.topic = settings.topic();
    this.settings = settings;
    this.probe = new KafkaProbe(settings);
    this.ids = ids;
    this.encoder = encoder;
    this.watch = Threads.timer("vmlog-kafka");
    this.gate = new EngineGate(watch, this::look);
  }

  /**
   * Connects, some time later.
   *
   * @param bufferBytes of messages that wait for an answer
   */
  public static KafkaEngine start(
      ShipConfig.Kafka topic, long bufferBytes, RecordIds ids, Encoder encoder) {
    KafkaEngine engine = new KafkaEngine(new KafkaSettings(topic, bufferBytes), ids, encoder);
    engine.gate.start();
    var unused =
        engine.watch.scheduleWithFixedDelay(
            engine::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    return engine;
  }

  @Override
  public String name() {
    return "kafka " + topic.bootstrap() + ", topic " + topic.topic();
  }

  @Override
  public EngineState state() {
    return gate.state();
  }

  /**
   * A producer without memory for the next message holds up whoever hands it over. So half of it
   * stays free: that is more than any batch becomes.
   */
  @Override
  public boolean isOpen() {
    return underWayBytes.get() <= settings.bufferBytes() / 2 && gate.isOpen();
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
    gate.sending();
    long bytes = settings.memoryOf(messages);
    underWayBytes.addAndGet(bytes);
    if (underWay.getAndIncrement() == 0) {
      heardAt = System.nanoTime();
    }
    Parts parts =
        new Parts(
            messages.size(),
            whole -> {
              underWay.decrementAndGet();
              underWayBytes.addAndGet(-bytes);
              outcome.accept(whole);
            });
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
    if (failure == null) {
      gate.took();
    } else if (KafkaFault.isTooLarge(failure)) {
      outcome = Outcome.TOO_LARGE;
      gate.passed();
    } else {
      outcome = Outcome.RETRY;
      spoil(by, failure);
    }
    if (parts.arrived(outcome)) {
      parts.tell();
    }
  }

  /** Gives the producer up, with all it holds; what that was comes back from it in a moment. */
  private void spoil(Producer<byte[], byte[]> by, Exception failure) {
    synchronized (this) {
      if (by != producer) {
        return; // that of before, which is being given up
      }
      producer = null;
    }
    gate.failed(KafkaFault.state(failure), Optional.empty());
    try {
      watch.execute(() -> by.close(Duration.ZERO)); // never on the producer's own thread
    } catch (RejectedExecutionException e) {
      // It ends with the process.
    }
  }

  /** Finds a topic to send to. */
  private void look() {
    try {
      EngineState found = probe.ask();
      if (found.isReady()) {
        begin();
        gate.found();
      } else {
        gate.notFound(found, Optional.empty());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      gate.notFound(KafkaFault.state(e), Optional.empty());
    }
  }

  /** Asks what the producer waits for, which it does not tell. */
  private void watch() {
    long now = System.nanoTime();
    long silent = now - heardAt;
    if (underWay.get() == 0 || silent < SILENCE_NANOS) {
      questions.succeeded();
      askAt = now;
      return;
    }
    if (now - askAt < 0) {
      return;
    }
    try {
      EngineState found = probe.ask();
      askAt = System.nanoTime() + questions.next().toNanos();
      if (underWay.get() > 0 && System.nanoTime() - heardAt >= SILENCE_NANOS) {
        gate.stalled(
            found.isReady()
                ? new EngineState(
                    EngineState.Kind.UNREACHABLE,
                    "the topic is there, and what was sent is not acknowledged")
                : found);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      askAt = System.nanoTime() + questions.next().toNanos(); // nothing may end the watch
    }
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
