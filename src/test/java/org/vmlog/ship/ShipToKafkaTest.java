package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import java.io.IOException;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.Threads;
import org.vmlog.sink.ListedFile;
import org.vmlog.testing.Await;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.Kcat;
import org.vmlog.testing.Seed;
import org.vmlog.testing.ShipProcess;

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
          () -> isAllAcknowledged(logs),
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

  private boolean isAllAcknowledged(SinkLogs logs) throws IOException {
    Map<String, Cursor> cursors = new CursorStore(temp.resolve("ship")).load();
    for (int vm = 0; vm < VMS; vm++) {
      List<ListedFile> files =
          logs.listing().files(SinkLogs.name("vm-" + vm), 1000).orElse(List.of());
      Cursor cursor = cursors.get(SinkLogs.OWNER + "/vm-" + vm);
      ListedFile newest = files.isEmpty() ? null : files.get(files.size() - 1);
      if (newest == null
          || cursor == null
          || cursor.file() != newest.id()
          || cursor.offset() != newest.bytes()) {
        return false;
      }
    }
    return true;
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
