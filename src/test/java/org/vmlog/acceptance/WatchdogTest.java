package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.TestHost;

/** What a service manager is told, on a socket as systemd's. */
@Timeout(120)
final class WatchdogTest {
  @TempDir Path folder;

  @Test
  void manager_fromStartToStop_hearsStatusSignsOfLifeAndTheEnd() throws Exception {
    Path path = folder.resolve("notify");
    try (AFUNIXDatagramSocket manager = AFUNIXDatagramSocket.newInstance()) {
      manager.bind(AFUNIXSocketAddress.of(path));
      Map<String, String> environment =
          Map.of("NOTIFY_SOCKET", path.toString(), "WATCHDOG_USEC", "200000");
      TestHost host = new TestHost(folder).withVm("alice", "web-1");
      try (ForwarderProcess forwarder = ForwarderProcess.launch(host.config(), environment)) {
        awaitAll(manager, "READY=1", "STATUS=1 VM is live", "WATCHDOG=1");
        awaitAll(manager, "WATCHDOG=1");

        assertThat(forwarder.terminate()).isZero();
        awaitAll(manager, "STOPPING=1");
      }
    }
  }

  @Test
  void managerOfTheBroker_fromStartToStop_hearsSignsOfLifeAndTheEnd() throws Exception {
    Path path = folder.resolve("notify");
    try (AFUNIXDatagramSocket manager = AFUNIXDatagramSocket.newInstance()) {
      manager.bind(AFUNIXSocketAddress.of(path));
      Map<String, String> environment =
          Map.of("NOTIFY_SOCKET", path.toString(), "WATCHDOG_USEC", "200000");
      Path config =
          Files.writeString(
              folder.resolve("realmd.toml"), "[dbus]\naddress = \"unix:path=/no/such/bus\"");
      try (ProgramProcess realmd =
          ProgramProcess.launchMain(
              environment, "org.vmlog.cli.RealmdCommand", "--config", config.toString())) {
        awaitAll(manager, "READY=1", "WATCHDOG=1");
        awaitAll(manager, "WATCHDOG=1");

        assertThat(realmd.terminate()).isZero();
        awaitAll(manager, "STOPPING=1");
      }
    }
  }

  /** Returns when each of these has come, in whatever order. */
  private static void awaitAll(AFUNIXDatagramSocket manager, String... states) throws IOException {
    Set<String> missing = new HashSet<>(List.of(states));
    while (!missing.isEmpty()) {
      DatagramPacket packet = new DatagramPacket(new byte[1024], 1024);
      manager.receive(packet);
      missing.remove(new String(packet.getData(), 0, packet.getLength(), UTF_8));
    }
  }
}
