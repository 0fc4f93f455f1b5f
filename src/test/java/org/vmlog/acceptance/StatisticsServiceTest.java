package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Launcher;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/** Statistics and counters on a real bus, read by an implementation that is not ours. */
final class StatisticsServiceTest {
  @TempDir Path folder;

  private PrivateBus bus;
  private TestHost host;

  @BeforeAll
  static void needsPeers() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(Launcher.isAvailable(), "GLib for Python is missing (Debian package python3-gi)");
  }

  @BeforeEach
  void startBus() throws Exception {
    bus = PrivateBus.create().start();
    host =
        new TestHost(folder)
            .with("[dbus]\naddress = \"" + bus.address() + "\"")
            .withVm("alice", "web-1");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @Test
  void getStatistics_ofAVm_isWhatItsLogHas() throws Exception {
    try (ForwarderProcess forwarder = host.start();
        Launcher reader = Launcher.on(bus.address());
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      assertThat(reader.call("GetStatistics", "alice", "web-1"))
          .contains("\"connections_open\": 0", "\"dropped\": {}")
          .doesNotContain("last_written");

      guest.send(Guest.Method.USER, request());

      assertThat(reader.call("GetStatistics", "alice", "web-1"))
          .startsWith("ok [{")
          .contains(
              "\"connections_opened\": 1, \"connections_open\": 1",
              "\"records\": {\"emerg\": 0, \"alert\": 0, \"crit\": 0, \"err\": 0,"
                  + " \"warning\": 2, \"notice\": 0, \"info\": 0, \"debug\": 0}",
              "\"warning\": " + host.log("alice", "web-1").toFile().length(),
              "\"refused\": {}",
              "\"last_written\": 1");
      assertThat(reader.call("GetCounters"))
          .contains("\"connections\": 1", "\"vms_opened\": 1", "\"too-slow\": 0");
    }
  }

  @Test
  void getStatistics_ofNoVm_isAnError() throws Exception {
    try (ForwarderProcess forwarder = host.start();
        Launcher reader = Launcher.on(bus.address())) {
      assertThat(reader.call("GetStatistics", "no", "such"))
          .isEqualTo("org.vmlog.Error.NotFound: no VM no/such has been live lately");
      assertThat(reader.call("GetStatistics", "", "such"))
          .startsWith("org.vmlog.Error.InvalidArgument: ");
      assertThat(reader.call("GetCounters", "for", "me"))
          .startsWith("org.freedesktop.DBus.Error.InvalidArgs: ");
      assertThat(reader.call("GetAll"))
          .endsWith("GetStatistics and GetCounters of org.vmlog.Forwarder1");
    }
  }

  @Test
  void everyMethod_ofAStranger_isDenied() throws Exception {
    assumeTrue(isRoot(), "needs root, to be another user");
    try (ForwarderProcess forwarder = host.start();
        Launcher stranger = Launcher.on(bus.address(), 65_534, "65534")) {
      assertThat(stranger.call("GetStatistics", "alice", "web-1"))
          .startsWith("org.vmlog.Error.Denied: user 65534 may not list VMs");
      assertThat(stranger.call("GetCounters"))
          .startsWith("org.vmlog.Error.Denied: user 65534 may not list VMs");
    }
  }

  private static boolean isRoot() throws Exception {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  private static byte[] request() {
    byte[] content = "disk nearly full".getBytes(StandardCharsets.UTF_8);
    return LogRequest.newBuilder()
        .addRecords(Guest.record(LogSeverity.WARNING, 7, content))
        .addRecords(Guest.record(LogSeverity.WARNING, 8, content))
        .build()
        .toByteArray();
  }
}
