package org.vmlog.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Prometheus;
import org.vmlog.testing.TestHost;

/** The alerts and the dashboard that are shipped, by Prometheus itself. */
final class MonitoringTest {
  private static final Path MONITORING = Path.of("packaging/monitoring").toAbsolutePath();
  private static final Pattern QUERY = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");

  @TempDir Path folder;

  @Test
  void alerts_fireWhenTheyShouldAndNotBefore() throws Exception {
    assertThat(Prometheus.promtool("", "check", "rules", rules("vmlog.rules.yml")))
        .contains("SUCCESS: 14 rules found");
    assertThat(Prometheus.promtool("", "test", "rules", rules("vmlog.rules.test.yml")))
        .contains("SUCCESS");
  }

  /** Of Prometheus 3, whose ranges are open on the left. */
  @Test
  void alerts_byTheNextPrometheus_fireTheSame() throws Exception {
    assertThat(Prometheus.promtoolOfSid("--version")).startsWith("promtool, version 3.");
    assertThat(Prometheus.promtoolOfSid("test", "rules", rules("vmlog.rules.test.yml")))
        .contains("SUCCESS");
  }

  @Test
  void alerts_areEachExplainedToOperators() throws Exception {
    String operations = Files.readString(Path.of("docs/operations.md"));
    assertThat(Files.readAllLines(MONITORING.resolve("vmlog.rules.yml")))
        .filteredOn(line -> line.contains("- alert: "))
        .hasSize(14)
        .allSatisfy(
            line ->
                assertThat(operations)
                    .contains("| `" + line.substring(line.indexOf(": ") + 2) + "` |"));
  }

  @Test
  void everyQueryOfTheDashboard_hasAnAnswerFromAForwarderThatDropsAndRefuses() throws Exception {
    InetSocketAddress metrics = TestHost.freeTcpAddress();
    String target = metrics.getHostString() + ":" + metrics.getPort();
    TestHost host =
        new TestHost(folder)
            .withVm("alice", "web-1")
            .with("[metrics]\nlisten = \"" + target + "\"")
            .with("[limits]\nrecords_per_second = 1\nburst = 1");
    try (ForwarderProcess forwarder = host.start();
        Prometheus prometheus = Prometheus.scraping(target, folder.resolve("prometheus"));
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request());
      TreeMap<String, String> unanswered = new TreeMap<>();
      Await.until(
          "every query has an answer",
          () -> {
            guest.send(Guest.Method.USER, request()); // for a rate there must be two samples
            unanswered.clear();
            for (String query : queries(false)) {
              String answer = prometheus.query(query);
              if (!answer.contains("\"status\":\"success\"") || answer.contains("\"result\":[]")) {
                unanswered.put(query, answer);
              }
            }
            return unanswered.isEmpty();
          },
          unanswered::toString);
    }
  }

  /**
   * Those about shipping ask for what vmlog-ship has, which its own test compares with its page.
   */
  @Test
  void everyQueryOfTheDashboardAboutShipping_isOfMetricsThatThereAre() throws Exception {
    String documented = Files.readString(Path.of("docs/fleet.md"));
    assertThat(queries(true))
        .hasSizeGreaterThanOrEqualTo(4)
        .allSatisfy(
            query ->
                Pattern.compile("vmlog_ship_\\w+")
                    .matcher(query)
                    .results()
                    .forEach(one -> assertThat(documented).contains("| `" + one.group() + "` |")));
  }

  private static String rules(String file) {
    return MONITORING.resolve(file).toString();
  }

  /** The queries of all panels, with the dashboard's variables filled in as Grafana does. */
  private static List<String> queries(boolean ofShipping) throws Exception {
    String dashboard = Files.readString(MONITORING.resolve("vmlog.json"));
    return QUERY
        .matcher(dashboard)
        .results()
        .map(one -> one.group(1).replace("\\\"", "\""))
        .filter(query -> query.contains("vmlog_ship_") == ofShipping)
        .map(query -> query.replaceAll("\\$(instance|owner|name)\\b", ".*"))
        .map(query -> query.replace("$__rate_interval", "1m"))
        .toList();
  }

  private static byte[] request() {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (String text : List.of("disk nearly full", "disk full", "gone")) {
      request.addRecords(Guest.record(LogSeverity.WARNING, 7, text.getBytes(UTF_8)));
    }
    return request.build().toByteArray();
  }
}
