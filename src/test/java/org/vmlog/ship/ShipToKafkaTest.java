package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.platform.Threads;
import org.vmlog.testing.Await;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.Kcat;
import org.vmlog.testing.Seed;
import org.vmlog.testing.ShipProcess;
import org.vmlog.testing.VmlogProcess;

/** The program, with the sink that writes its files, a real broker, and kcat to read. */
@Timeout(600)
class ShipToKafkaTest {
  private static final int VMS = 20;
  private static final int LINES_AT_ONCE = 25;

  /** The second stage has 200 000. */
  private static final int RECORDS = Integer.getInteger("vmlog.ship.records", 20_000);

  private final ExecutorService background =
      Executors.newSingleThreadExecutor(Threads.named("compress"));

  @TempDir Path temp;

  /** What was received of a VM, duplicates left out. */
  private final Map<String, List<String>> bodies = new TreeMap<>();

  @Test
  void records_shipperAndBrokerAreKilled_eachOnceByItsIdAndInOrder() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic("records", 6, Map.of());
    Random random = Seed.random("ShipToKafkaTest");
    String engine = "[kafka]\nbootstrap = \"" + broker.address() + "\"\ntopic = \"records\"\n";
    int rounds = RECORDS / VMS / LINES_AT_ONCE;
    SinkLogs logs = new SinkLogs(temp, 1000, background);
    ShipProcess ship = ShipProcess.start(temp, engine);
    try {
      for (int round = 0; round < rounds; round++) {
        for (int vm = 0; vm < VMS; vm++) {
          logs.write("vm-" + vm, lines(round));
          if (random.nextInt(8) == 0) {
            logs.rotate("vm-" + vm);
          }
        }
        if (round % (rounds / 4) == rounds / 8) {
          ship.kill();
          ship = ShipProcess.start(temp, engine);
        }
        if (round == rounds / 2) {
          broker.kill();
          ship.awaitStatus("state", "unreachable");
        }
        if (round == rounds / 2 + rounds / 8) {
          broker.restart();
        }
      }
      ship.awaitStatus("state", "ready");
      Await.until(
          Await.PATIENCE.multipliedBy(4),
          "everything is acknowledged",
          () -> logs.areAcknowledged(temp.resolve("ship")),
          ship::log);
      assertThat(ship.status("gaps")).contains("0");
      assertThat(ship.terminate()).isZero();
    } finally {
      ship.close();
      logs.close();
      background.shutdown();
    }

    int twice = receive(Kcat.read(broker.address(), "records"));
    System.out.println(
        "ShipToKafkaTest: " + RECORDS + " records of " + VMS + " VMs, " + twice + " came twice");
    assertThat(bodies).hasSize(VMS);
    List<String> expected =
        IntStream.range(0, rounds * LINES_AT_ONCE).mapToObj(ShipToKafkaTest::body).toList();
    bodies.forEach(
        (vm, received) -> {
          int wrong = Arrays.mismatch(received.toArray(), expected.toArray());
          assertThat(wrong)
              .as(() -> vm + ": " + received.size() + " received, first wrong: " + wrong)
              .isEqualTo(-1);
        });
  }

  /**
   * Nothing that a forwarder writes is too large, with everything at its default: limits.pipe,
   * kafka.max_message, and what the topic takes.
   */
  @ParameterizedTest
  @ValueSource(strings = {"otlp", "json"})
  void record_asLongAsCanBe_arrivesInPieces(String format) throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic("long-" + format, 1, Map.of());
    String head = "<14>Mar  1 11:00:00 web-1 ";
    String content = "app: " + "\"\\".repeat((1 << 19) - 20);
    SinkLogs logs = new SinkLogs(temp, 5, Runnable::run);
    logs.write("web-1", head + content + "\n" + head + "behind\n");
    try (ShipProcess ship =
        ShipProcess.start(
            temp,
            "[kafka]\nbootstrap = \"%s\"\ntopic = \"long-%2$s\"\nformat = \"%2$s\"\n"
                .formatted(broker.address(), format))) {
      ship.awaitStatus("records", "2");
      assertThat(ship.status("too_large")).contains("0");
    } finally {
      logs.close();
    }
    StringBuilder text = new StringBuilder();
    for (Kcat.Message message : Kcat.read(broker.address(), "long-" + format)) {
      assertThat(message.value().length).isLessThan(1000 << 10);
      text.append(format.equals("json") ? jsonText(message.value()) : otlpText(message.value()));
    }
    assertThat(text.toString().equals(content + "behind")).isTrue();
  }

  /**
   * Who follows hears of partitions that are added meanwhile, and of each record once they are in
   * use; whoever comes later sees all of them, too, although newer ones may be read first.
   */
  @Test
  void tail_partitionsAreAddedAndTheBrokerRestarts_allRecordsAreShown() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic("grown", 1, Map.of());
    String where = broker.address() + "/grown";
    String engine = "[kafka]\nbootstrap = \"" + broker.address() + "\"\ntopic = \"grown\"\n";
    Path shown = Files.createFile(temp.resolve("shown"));
    SinkLogs logs = new SinkLogs(temp, 5, Runnable::run);
    say(logs, 0);
    try (ShipProcess ship = ShipProcess.start(temp, engine)) {
      ship.awaitStatus("records", Integer.toString(VMS));
      try (VmlogProcess tail = VmlogProcess.startInto(shown, tail(where, "-f"))) {
        awaitShown(shown, 1, tail);
        try (Admin admin = broker.admin()) {
          admin.createPartitions(Map.of("grown", NewPartitions.increaseTo(5))).all().get();
        }
        broker.kill();
        say(logs, 1);
        ship.awaitStatus("state", "unreachable");
        broker.restart(); // and the producer asks anew where to write
        say(logs, 2);
        ship.awaitStatus("records", Integer.toString(3 * VMS));
        awaitShown(shown, 3, tail);
        tail.interrupt();
        assertThat(tail.await()).isZero();
      }
      assertThat(Kcat.read(broker.address(), "grown"))
          .extracting(Kcat.Message::partition)
          .contains(0, 1, 2, 3, 4);
    } finally {
      logs.close();
    }
    try (VmlogProcess later = VmlogProcess.start(tail(where, "-U", "now"))) {
      assertThat(later.await()).as(later::log).isZero();
      assertThat(later.output().lines()).containsExactlyInAnyOrderElementsOf(said(3));
    }
  }

  private static String[] tail(String where, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("tail", "--kafka", where, "-S", "2020-01-01", "--template", "{vm} {content}"));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private static void say(SinkLogs logs, int round) {
    for (int vm = 0; vm < VMS; vm++) {
      logs.write("vm-" + vm, "<14>1 2026-03-01T11:00:0" + round + "Z vm - - - - " + round + "\n");
    }
  }

  private static List<String> said(int rounds) {
    return IntStream.range(0, VMS * rounds)
        .mapToObj(i -> "rack3:alice/vm-" + i / rounds + " " + i % rounds)
        .toList();
  }

  private static void awaitShown(Path shown, int rounds, VmlogProcess tail) {
    Await.until(
        Await.PATIENCE.multipliedBy(2),
        "all records of " + rounds + " rounds are shown",
        () -> new HashSet<>(Files.readAllLines(shown)).containsAll(said(rounds)),
        tail::log);
  }

  private static String jsonText(byte[] message) {
    String json = new String(message, UTF_8);
    return JsonParser.parseString(json).getAsJsonObject().get("MESSAGE").getAsString();
  }

  private static String otlpText(byte[] message) throws Exception {
    StringBuilder text = new StringBuilder();
    ResourceLogs logs = LogsData.parseFrom(message).getResourceLogs(0);
    logs.getScopeLogs(0)
        .getLogRecordsList()
        .forEach(record -> text.append(record.getBody().getStringValue()));
    return text.toString();
  }

  /** Answers how many came more than once. */
  private int receive(List<Kcat.Message> messages) throws Exception {
    Set<String> seen = new HashSet<>();
    int twice = 0;
    for (Kcat.Message message : messages) {
      for (ResourceLogs resource : LogsData.parseFrom(message.value()).getResourceLogsList()) {
        for (LogRecord record : resource.getScopeLogs(0).getLogRecordsList()) {
          String id = attribute(record.getAttributesList(), "log.record.uid");
          assertThat(id).startsWith(message.key() + "/");
          if (seen.add(id)) {
            bodies
                .computeIfAbsent(
                    attribute(resource.getResource().getAttributesList(), "vm.name"),
                    vm -> new ArrayList<>())
                .add(record.getBody().getStringValue());
          } else {
            twice++;
          }
        }
      }
    }
    return twice;
  }

  private static String attribute(List<KeyValue> attributes, String key) {
    return attributes.stream()
        .filter(one -> one.getKey().equals(key))
        .map(one -> one.getValue().getStringValue())
        .findFirst()
        .orElseThrow();
  }

  private static String lines(int round) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < LINES_AT_ONCE; i++) {
      lines.append("<14>Mar  1 11:00:00 vm ").append(body(round * LINES_AT_ONCE + i)).append('\n');
    }
    return lines.toString();
  }

  private static String body(int number) {
    return "app[1]: record " + number + " of many";
  }
}
