package org.vmlog.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.Kcat;
import org.vmlog.testing.MetricsReader;
import org.vmlog.testing.Prometheus;
import org.vmlog.testing.ShipProcess;

/** What the program says while something is in its way, and that nothing is lost meanwhile. */
@Timeout(240)
class ShipStatesTest {
  private static final String TOPIC = "states";
  private static final String LINE = "<14>Mar  1 11:00:00 web app: record %d%s\n";

  @TempDir Path temp;
  private Path socket;

  @Test
  void run_oneThingAfterAnotherIsInTheWay_eachHasItsStateAndNothingIsLost() throws Exception {
    socket = temp.resolve("metrics.sock");
    KafkaBroker broker = KafkaBroker.shared();
    String engine =
        "[metrics]\nlisten = \"unix:%s\"\n[kafka]\nbootstrap = \"%s\"\ntopic = \"%s\"\n"
            .formatted(socket, broker.address(), TOPIC);
    try (SinkLogs logs = new SinkLogs(temp, 5, Runnable::run);
        ShipProcess ship = ShipProcess.start(temp, engine)) {
      logs.write("web", LINE.formatted(1, ""));
      await(ship, "topic-missing");

      broker.createTopic(TOPIC, 1, Map.of("max.message.bytes", "20000"));
      await(ship, "ready");

      logs.write("web", LINE.formatted(2, noise()) + LINE.formatted(3, ""));
      await(ship, "message-too-large");
      assertThat(ship.status("too_large_in")).contains("alice/web");
      assertThat(metric("vmlog_ship_blocked_logs")).isEqualTo(1);
      logs.write("db", LINE.formatted(4, ""));
      ship.awaitStatus("records", "2"); // the other log goes on
      allow(broker, 100_000);
      await(ship, "ready");

      broker.kill();
      logs.write("web", LINE.formatted(5, "")); // with nothing to send nobody would notice
      await(ship, "unreachable");
      broker.restart();
      await(ship, "ready");
      ship.awaitStatus("records", "5");

      assertThat(metric("vmlog_ship_records_total")).isEqualTo(5);
      assertThat(metric("vmlog_ship_too_large_total")).isPositive();
      assertThat(metric("vmlog_ship_last_acknowledged_timestamp_seconds")).isPositive();
      String page = MetricsReader.read(socket);
      assertThat(Prometheus.promtool(page, "check", "metrics")).isEmpty();
      assertThat(names(page, "^# TYPE (vmlog_\\w+)"))
          .isEqualTo(names(Files.readString(Path.of("docs/fleet.md")), "^\\| `(vmlog_\\w+)"));
      assertThat(ship.terminate()).isZero();
    }
    List<Kcat.Message> messages = Kcat.read(broker.address(), TOPIC);
    assertThat(messages.stream().map(Kcat.Message::key).distinct())
        .containsExactlyInAnyOrder("host-1/alice/web", "host-1/alice/db");
  }

  /** In the status, and as the one state in the metrics. */
  private void await(ShipProcess ship, String state) {
    ship.awaitStatus("state", state);
    Await.until(
        "the metrics say " + state,
        () -> {
          String page = MetricsReader.read(socket);
          return page.contains("vmlog_ship_state{state=\"" + state + "\"} 1.0\n")
              && page.lines().filter(line -> line.matches("vmlog_ship_state.* 1.0")).count() == 1;
        });
  }

  private double metric(String name) throws Exception {
    Matcher value =
        Pattern.compile("^" + name + " (\\S+)$", Pattern.MULTILINE)
            .matcher(MetricsReader.read(socket));
    assertThat(value.find()).as(name).isTrue();
    return Double.parseDouble(value.group(1));
  }

  /** More than the topic takes, however it is compressed. */
  private static String noise() {
    Random random = new Random(1);
    StringBuilder noise = new StringBuilder();
    for (int i = 0; i < 40_000; i++) {
      noise.append((char) ('a' + random.nextInt(26)));
    }
    return noise.toString();
  }

  private static void allow(KafkaBroker broker, int bytes) throws Exception {
    try (Admin admin = broker.admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, TOPIC),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get(60, TimeUnit.SECONDS);
    }
  }

  private static Set<String> names(String text, String pattern) {
    Set<String> names = new TreeSet<>();
    Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .forEach(one -> names.add(one.group(1)));
    return names;
  }
}
