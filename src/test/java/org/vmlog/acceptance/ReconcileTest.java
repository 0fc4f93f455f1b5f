package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/** VMs start and stop while nobody listens; what concierge lists makes up for it. */
final class ReconcileTest {
  /** What the forwarder says of the bus. */
  private static final String CONNECTED = " is there";

  @TempDir Path folder;

  private PrivateBus bus;
  private TestHost host;

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void startBus() throws Exception {
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @Test
  void vmsThatChangedWhileTheForwarderWasDown_becomeAsListed() throws Exception {
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      try (ForwarderProcess forwarder = host.start()) {
        forwarder.awaitLog(CONNECTED);
        concierge.vmStartingUp("alice", "stays", 42);
        concierge.vmStartingUp("alice", "restarts", 43);
        concierge.vmStartingUp("alice", "stops", 44);
        forwarder.awaitLog("VM alice/stops (CID 44, generation 3) is live");
        assertThat(forwarder.terminate()).isZero();
      }
      concierge.vmStopped("alice", "stops", 44);
      concierge.vmStopped("alice", "restarts", 43);
      concierge.vmStartingUp("alice", "restarts", 53);
      concierge.vmStartingUp("alice", "starts", 45);

      try (ForwarderProcess forwarder = host.start()) {
        assertThat(grpcSocket("stays")).exists();
        forwarder.awaitLog("VM alice/stops (CID 44, generation 3) is gone");
        forwarder.awaitLog("VM alice/restarts (CID 53, generation ");
        forwarder.awaitLog("VM alice/starts (CID 45, generation ");
        Await.until(
            "the sockets are those of the VMs that are listed",
            () ->
                Files.exists(grpcSocket("restarts"))
                    && Files.exists(grpcSocket("starts"))
                    && Files.notExists(grpcSocket("stops")),
            forwarder::log);
        assertThat(forwarder.log()).doesNotContain("VM alice/stays (CID 42, generation 1) is gone");
      }
    }
  }

  @Test
  void vmsOfOwnersWithALogOrInTheConfiguration_areFoundWithoutAnyState() throws Exception {
    host.with("[logs]\nlayout = \"chromeos\"").withVm("d4e5f6", "static");
    Files.createDirectories(folder.resolve("logs/a1b2c3/log"));
    Files.writeString(folder.resolve("logs/.layout"), "chromeos\n");
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.has("a1b2c3", "termina", 42).has("d4e5f6", "termina", 43);
      concierge.has("777777", "unheard-of", 44);
      try (ForwarderProcess forwarder = host.start()) {
        forwarder.awaitLog("VM a1b2c3/termina (CID 42, generation ");
        forwarder.awaitLog("VM d4e5f6/termina (CID 43, generation ");
        assertThat(folder.resolve("logs/a1b2c3/log/dGVybWluYQ==.lsock")).exists();
        assertThat(forwarder.log()).doesNotContain("777777");
      }
    }
  }

  @Test
  void conciergeThatDoesNotAnswer_keepsNeitherTheForwarderNorItsSignalsWaiting() throws Exception {
    host.withVm("alice", "static"); // somebody to ask for
    try (FakeConcierge concierge = FakeConcierge.start(bus.address()).hanging();
        ForwarderProcess forwarder = host.start()) {
      forwarder.awaitLog(CONNECTED);
      concierge.vmStartingUp("alice", "web-1", 42);
      Await.until("the VM is live", () -> Files.exists(grpcSocket("web-1")), forwarder::log);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
  }

  private Path grpcSocket(String name) {
    return host.grpcSocket("alice", name);
  }
}
