package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.MetricsReader;
import org.vmlog.testing.Prometheus;
import org.vmlog.testing.TestHost;

/** The daemon's numbers, as a monitoring system reads them. */
final class MetricsTest {
  private static final String WEB = "kind=\"vm\",name=\"web-1\",owner=\"alice\"";

  @TempDir Path folder;

  /** What everybody tries first, at a door for gRPC. */
  @Test
  void metrics_peersThatDoNotSpeakGrpc_areCountedByWhatTheyLookLike() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    try (ForwarderProcess forwarder = host.start()) {
      UnixDomainSocketAddress door =
          UnixDomainSocketAddress.of(host.socket("alice", "web-1", "grpc"));
      for (String said : List.of("<13>hello\n", "GET / HTTP/1.1\r\n\r\n", "<14>again\n")) {
        try (SocketChannel peer = SocketChannel.open(door)) {
          peer.write(ByteBuffer.wrap(said.getBytes(UTF_8)));
          Await.until("it is closed", () -> peer.read(ByteBuffer.allocate(64)) < 0, forwarder::log);
        }
      }

      String page = MetricsReader.read(folder.resolve("run/metrics.sock"));

      assertThat(page)
          .contains("vmlog_connections_foreign_total{reason=\"syslog\"} 2.0")
          .contains("vmlog_connections_foreign_total{reason=\"http1\"} 1.0");
      assertThat(forwarder.log()).contains("NAME.syslog");
    }
  }

  @Test
  void metrics_ofAVmThatLogged_sayWhatItsLogHas() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1").withVm("alice", "quiet");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request());
      String page = MetricsReader.read(folder.resolve("run/metrics.sock"));
      long bytes = Files.size(host.log("alice", "web-1"));
      assertThat(page.lines())
          .contains(
              "vmlog_source_records_total{" + WEB + ",severity=\"warning\"} 2.0",
              "vmlog_source_written_bytes_total{" + WEB + ",severity=\"warning\"} " + bytes + ".0",
              "vmlog_source_connections_total{" + WEB + "} 1.0",
              "vmlog_source_connections_open{" + WEB + "} 1.0",
              "vmlog_source_connections_total{kind=\"vm\",name=\"quiet\",owner=\"alice\"} 0.0",
              "vmlog_ack_latency_seconds_count 1",
              "vmlog_vms_opened_total 2.0",
              "vmlog_connections_refused_total{reason=\"unregistered-address\"} 0.0")
          .anyMatch(line -> line.startsWith("vmlog_log_size_bytes{log=\"alice/web-1.log\"} "));
    }
  }

  @Test
  void metrics_areWellFormedByPrometheussOwnChecker() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "we\\\\ird \\\"x\\\"");
    try (ForwarderProcess forwarder = host.start()) {
      String page = MetricsReader.read(folder.resolve("run/metrics.sock"));
      assertThat(Prometheus.checkMetrics(page)).isEmpty();
    }
  }

  /** Each name that is served is explained, and nothing else is. */
  @Test
  void document_listsEveryMetric() throws Exception {
    TestHost host =
        new TestHost(folder)
            .withVm("alice", "web-1")
            .with("[limits]\nrecords_per_second = 1\nburst = 1");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request());
      guest.send(Guest.Method.USER, request()); // more than may come within its patience
      assertThatThrownBy(() -> guest.send(Guest.Method.USER, new byte[] {1}))
          .hasMessageContaining("INVALID_ARGUMENT");
      String page = MetricsReader.read(folder.resolve("run/metrics.sock"));
      assertThat(names(Files.readString(Path.of("docs/metrics.md")), "^\\| `(vmlog_\\w+)"))
          .isEqualTo(names(page, "^# TYPE (vmlog_\\w+)"));
    }
  }

  private static Set<String> names(String text, String pattern) {
    Set<String> names = new TreeSet<>();
    Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map((MatchResult one) -> one.group(1))
        .forEach(names::add);
    return names;
  }

  private static byte[] request() {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (String text : List.of("disk nearly full", "disk full")) {
      request.addRecords(Guest.record(LogSeverity.WARNING, 7, text.getBytes(UTF_8)));
    }
    return request.build().toByteArray();
  }
}
