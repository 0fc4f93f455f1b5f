package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.DatagramPacket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

@Timeout(30)
class ServiceManagerTest {
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

  @TempDir Path folder;

  @Test
  void allStates_socketOnAPath_arriveAsSdNotifyHasThem() throws Exception {
    Path path = folder.resolve("notify");
    try (AFUNIXDatagramSocket systemd = bind(AFUNIXSocketAddress.of(path))) {
      ServiceManager manager = manager(path.toString());

      manager.status("12 VMs\nREADY=1");
      manager.ready();
      long before = System.nanoTime() / 1000;
      manager.reloading();
      long after = System.nanoTime() / 1000;
      manager.ready();
      manager.alive();
      manager.stopping();

      assertThat(receive(systemd)).isEqualTo("STATUS=12 VMs#012READY=1");
      assertThat(receive(systemd)).isEqualTo("READY=1");
      String reloading = receive(systemd);
      assertThat(reloading).startsWith("RELOADING=1\nMONOTONIC_USEC=");
      assertThat(Long.parseLong(reloading.substring(reloading.lastIndexOf('=') + 1)))
          .isBetween(before, after);
      assertThat(receive(systemd)).isEqualTo("READY=1");
      assertThat(receive(systemd)).isEqualTo("WATCHDOG=1");
      assertThat(receive(systemd)).isEqualTo("STOPPING=1");
    }
    assertThat(stderr.toString(UTF_8)).isEmpty();
  }

  @Test
  void watchdogInterval_asInTheEnvironment_ifItIsForThisProcess() {
    String own = Long.toString(ProcessHandle.current().pid());

    assertThat(watchdog(Map.of())).isEmpty();
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "1500000"))).contains(Duration.ofMillis(1500));
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "1500000", "WATCHDOG_PID", own))).isPresent();
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "1500000", "WATCHDOG_PID", "1"))).isEmpty();
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "0"))).isEmpty();
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "soon"))).isEmpty();
  }

  private static Optional<Duration> watchdog(Map<String, String> environment) {
    return ServiceManager.of(environment).watchdogInterval();
  }

  @Test
  void ready_abstractSocket_arrives() throws Exception {
    String name = "vmlog-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    try (AFUNIXDatagramSocket systemd = bind(AFUNIXSocketAddress.inAbstractNamespace(name))) {
      manager("@" + name).ready();

      assertThat(receive(systemd)).isEqualTo("READY=1");
    }
  }

  @Test
  void ready_nobodyToBeTold_printsOneLine() {
    ServiceManager manager = ServiceManager.of(Map.of(), new PrintStream(stderr, true, UTF_8));

    manager.status("starting");
    manager.ready();
    manager.reloading();
    manager.ready();
    manager.stopping();

    assertThat(stderr.toString(UTF_8)).isEqualTo("ready\n");
  }

  @Test
  void ready_unknownKindOfAddress_printsTheLine() {
    manager("vsock:2:1234").ready();

    assertThat(stderr.toString(UTF_8)).isEqualTo("ready\n");
  }

  @Test
  void ready_nobodyListens_goesOn() {
    manager(folder.resolve("nobody").toString()).ready();

    assertThat(stderr.toString(UTF_8)).isEmpty();
  }

  /** What {@code MONOTONIC_USEC} is made of must be the clock that systemd compares it with. */
  @Test
  void nanoTime_onLinux_isTheMonotonicClock() throws Exception {
    assumeThat(Path.of("/usr/bin/python3")).as("python3, to ask for CLOCK_MONOTONIC").exists();
    long before = System.nanoTime();
    Process python =
        new ProcessBuilder(
                "/usr/bin/python3",
                "-c",
                "import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))")
            .start();
    String clock = new String(python.getInputStream().readAllBytes(), UTF_8).strip();
    long after = System.nanoTime();

    assertThat(Long.parseLong(clock)).isBetween(before, after);
  }

  private ServiceManager manager(String notifySocket) {
    return ServiceManager.of(
        Map.of("NOTIFY_SOCKET", notifySocket), new PrintStream(stderr, true, UTF_8));
  }

  private static AFUNIXDatagramSocket bind(AFUNIXSocketAddress address) throws IOException {
    AFUNIXDatagramSocket socket = AFUNIXDatagramSocket.newInstance();
    socket.bind(address);
    return socket;
  }

  private static String receive(AFUNIXDatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
    socket.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), UTF_8);
  }
}
