package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.vmlog.config.ShipConfig;
import org.vmlog.ship.kafka.KafkaEngine;
import org.vmlog.ship.kafka.TopicTail;
import org.vmlog.testing.Await;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.ProcessFacts;

/**
 * What many hosts that say little cost one broker: each has an engine, and so connections, of its
 * own, and what it says is shipped every ten seconds. A part of the second stage, and no test.
 */
class FleetLoad {
  private static final int HOSTS = Integer.getInteger("vmlog.fleet.hosts", 1000);
  private static final int VMS = 20;
  private static final int LINES = 10;
  private static final int ROUNDS = 6;
  private static final int PARTITIONS = 12;
  private static final long ROUND_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long EXPECTED = (long) HOSTS * VMS * LINES * ROUNDS;

  private static final String LINE =
      "<14>Mar  1 11:00:00 web-1 " + "nginx[311]: GET /index.html 200 ".repeat(3) + "\n";

  private final List<Engine> engines = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final ConcurrentLinkedQueue<Long> micros = new ConcurrentLinkedQueue<>();

  @Test
  void hosts_eachWithItsOwnConnections_everythingArrivesOnce() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic("fleet", PARTITIONS, Map.of());
    ShipConfig.Kafka topic = topic(broker);
    Instant begin = Instant.now();
    for (int host = 0; host < HOSTS; host++) {
      HostFacts facts = new HostFacts("host-" + host, "rack-" + host);
      Encoder encoder =
          new OtlpEncoder(facts, "vmlog", ZoneOffset.UTC, InstantSource.system(), 1 << 20);
      engines.add(KafkaEngine.start(topic, 1 << 20, new RecordIds(facts.id()), encoder));
    }
    Await.until(
        Await.PATIENCE.multipliedBy(10),
        "all engines are ready",
        () -> engines.stream().allMatch(engine -> engine.state().isReady()),
        () -> engines.stream().filter(engine -> !engine.state().isReady()).count() + " are not");
    double ready = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
    ProcessFacts facts = new ProcessFacts(broker.pid());
    double cpu = facts.cpuSeconds();
    long since = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      say(round, since + round * ROUND_NANOS);
    }
    Await.until(
        Await.PATIENCE.multipliedBy(4),
        "all is acknowledged",
        () -> acknowledged.get() == EXPECTED,
        () -> acknowledged + " of " + EXPECTED);
    double seconds = (System.nanoTime() - since) / 1e9;
    cpu = facts.cpuSeconds() - cpu;
    long[] times = micros.stream().mapToLong(Long::longValue).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "FleetLoad: %d hosts x %d VMs, ready in %.0f s; %d records in %d messages in %.0f s, each"
            + " once; the broker: %d descriptors, %.0f MB, %.0f %% of a processor, %.0f us a"
            + " message; ack p50 %.0f ms, p99 %.0f ms%n",
        HOSTS,
        VMS,
        ready,
        EXPECTED,
        times.length,
        seconds,
        facts.descriptors().size(),
        facts.residentMb(),
        100 * cpu / seconds,
        cpu / times.length * 1e6,
        times[times.length / 2] / 1e3,
        times[times.length * 99 / 100] / 1e3);
    assertThat(received(topic, begin)).isEqualTo(EXPECTED);
    engines.forEach(Engine::close);
  }

  /** Each VM of each host once, spread over the round as the clocks of hosts are. */
  private void say(int round, long beginNanos) throws InterruptedException {
    byte[] text = LINE.repeat(LINES).getBytes(UTF_8);
    for (int host = 0; host < HOSTS; host++) {
      long due = beginNanos + ROUND_NANOS * host / HOSTS - System.nanoTime();
      if (due > 0) {
        Thread.sleep(Duration.ofNanos(due).toMillis());
      }
      for (int vm = 0; vm < VMS; vm++) {
        LogSource source = new LogSource("alice/vm-" + vm, "alice", "vm-" + vm);
        long offset = (long) round * text.length;
        send(engines.get(host), new Batch(source, vm, offset, text, text.length, LINES));
      }
    }
  }

  private void send(Engine engine, Batch batch) {
    long sent = System.nanoTime();
    engine.send(
        batch,
        outcome -> {
          if (outcome == Outcome.ACKNOWLEDGED) {
            micros.add((System.nanoTime() - sent) / 1000);
            acknowledged.addAndGet(batch.count());
          }
        });
  }

  private static long received(ShipConfig.Kafka topic, Instant since) throws Exception {
    SeenRecords seen = new SeenRecords(HOSTS * VMS);
    LogsDataReader reader = new LogsDataReader(InstantSource.system());
    long[] received = {0};
    try (TopicTail tail = TopicTail.open(topic, since)) {
      while (!tail.hasReadWhatWasThere()) {
        for (TopicTail.Message message : tail.poll(Duration.ofSeconds(1))) {
          reader.read(
              message.value(),
              line -> received[0] += seen.isNew(message.partition(), line.id()) ? 1 : 0);
        }
      }
    }
    return received[0];
  }

  private static ShipConfig.Kafka topic(KafkaBroker broker) {
    return new ShipConfig.Kafka(
        broker.address(),
        "fleet",
        ShipConfig.Format.OTLP,
        "lz4",
        1 << 20,
        Optional.empty(),
        Optional.empty());
  }
}
