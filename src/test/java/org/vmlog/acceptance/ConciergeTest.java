package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/** Concierge starts and stops VMs on a real bus; the forwarder follows. */
final class ConciergeTest {
  private static final String CONNECTED = " is there";

  @TempDir Path folder;

  private PrivateBus bus;
  private TestHost host;

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void createBus() throws Exception {
    bus = PrivateBus.create();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @Test
  void vm_fromItsStartSignalToItsStopSignal_hasSocketsAndAFileWithItsLastWords() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address());
        ForwarderProcess forwarder = startConnected(1)) {
      concierge.vmStartingUp("alice", "web-1", 42);
      awaitSockets("alice", "web-1");

      try (Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
          Vmm vmm = Vmm.on(host.datagramSocket("alice", "web-1"))) {
        guest.send(Guest.Method.KERNEL, request("Linux version 6.1"));
        guest.send(Guest.Method.USER, request(" sshd[7]: listening"));
        vmm.say("<30>Mar  1 12:00:00 crosvm[12]: exiting");
        concierge.vmStopped("alice", "web-1", 42);
        awaitNoSockets("alice", "web-1");
      }

      Path log = host.log("alice", "web-1");
      Await.until("the VMM's last words are written", () -> LogFiles.lines(log).size() == 3);
      assertThat(LogFiles.lines(log).stream().map(Vmm::withoutTime))
          .containsExactly(
              "<6>Jan  1 00:00:07 web-1 kernel: Linux version 6.1",
              "<14>Jan  1 00:00:07 web-1 sshd[7]: listening",
              "<30>web-1 crosvm[12]: exiting");
      forwarder.awaitLog("VM alice/web-1 (CID 42, generation 1) is gone");
    }
  }

  @Test
  void signals_ofAForger_doNothing() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address());
        FakeConcierge forger = FakeConcierge.forger(bus.address());
        ForwarderProcess forwarder = startConnected(1)) {
      concierge.vmStartingUp("alice", "web-1", 42);
      awaitSockets("alice", "web-1");

      forger.vmStopped("alice", "web-1", 42);
      forger.vmStartingUp("mallory", "evil", 66);
      // The bus keeps an order, so what the forger said has been heard when this has.
      concierge.vmStartingUp("alice", "db-1", 43);
      awaitSockets("alice", "db-1");

      assertThat(host.grpcSocket("alice", "web-1")).exists();
      assertThat(host.grpcSocket("mallory", "evil")).doesNotExist();
      assertThat(forwarder.log()).doesNotContain("mallory");
    }
  }

  @Test
  void bus_thatWasRestarted_isFollowedAgainAndTheVmsHaveStayed() throws Exception {
    bus.start();
    try (ForwarderProcess forwarder = startConnected(1);
        FakeConcierge old = FakeConcierge.start(bus.address())) {
      old.vmStartingUp("alice", "web-1", 42);
      awaitSockets("alice", "web-1");
      bus.stop();
      try (Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
        guest.send(Guest.Method.USER, request("without a bus"));
      }

      bus.start();
      awaitConnected(forwarder, 2);
      try (FakeConcierge concierge = FakeConcierge.prepare(bus.address())) {
        concierge.inherit(old).takeName();
        concierge.vmStartingUp("alice", "db-1", 43);
        awaitSockets("alice", "db-1");
        concierge.vmStopped("alice", "web-1", 42);
        awaitNoSockets("alice", "web-1");
      }
      // That of the lost connection could go on for ever, reading the end of what has ended.
      Await.until("one reader of the bus is left", () -> readers(forwarder) == 1);
    }
    assertThat(LogFiles.lines(host.log("alice", "web-1")))
        .containsExactly("<14>Jan  1 00:00:07 web-1 without a bus");
  }

  @Test
  void bus_thatIsAbsentAtStart_isFollowedOnceItIsThere() throws Exception {
    host.withVm("alice", "static");
    try (ForwarderProcess forwarder = host.start()) {
      try (Guest guest = Guest.on(host.grpcSocket("alice", "static"))) {
        guest.send(Guest.Method.USER, request("before the bus"));
      }

      bus.start();
      awaitConnected(forwarder, 1);
      try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
        concierge.vmStartingUp("alice", "web-1", 42);
        awaitSockets("alice", "web-1");
      }
    }
    assertThat(LogFiles.lines(host.log("alice", "static")))
        .containsExactly("<14>Jan  1 00:00:07 static before the bus");
  }

  @Test
  void signal_forAConfiguredVm_addsItsCidAndTheStopTakesOnlyThatAway() throws Exception {
    bus.start();
    host.withTcp(TestHost.freeTcpAddress())
        .with("[logs]\nformat = \"chromeos\"")
        .with("[[vm]]\nowner = \"alice\"\nname = \"web-1\"\naddress = \"127.0.0.1\"");
    try (FakeConcierge concierge = FakeConcierge.start(bus.address());
        ForwarderProcess forwarder = startConnected(1)) {
      send("configured");
      concierge.vmStartingUp("alice", "web-1", 42);
      Await.until(
          "the signal is applied", () -> forwarder.log().contains("(CID 42, generation 2)"));
      awaitSockets("alice", "web-1");
      send("announced");
      concierge.vmStopped("alice", "web-1", 42);
      Await.until("the stop is applied", () -> forwarder.log().contains("generation 3) is live"));
      send("configured again");
    }
    assertThat(LogFiles.lines(host.log("alice", "web-1")))
        .containsExactly(
            "Jan  1 00:00:07 <14>  VM(0): configured",
            "Jan  1 00:00:07 <14>  VM(42): announced",
            "Jan  1 00:00:07 <14>  VM(0): configured again");
  }

  /** A connection of its own: who a connection is was decided when it was accepted. */
  private void send(String content) {
    try (Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request(content));
    }
  }

  private ForwarderProcess startConnected(int times) throws Exception {
    ForwarderProcess forwarder = host.start();
    try {
      awaitConnected(forwarder, times);
      return forwarder;
    } catch (AssertionError e) {
      forwarder.close();
      throw e;
    }
  }

  private static void awaitConnected(ForwarderProcess forwarder, int times) throws Exception {
    Await.until(
        "the forwarder has found the bus " + times + " times",
        () -> forwarder.log().lines().filter(line -> line.contains(CONNECTED)).count() >= times,
        forwarder::log);
  }

  private void awaitSockets(String owner, String name) throws Exception {
    Await.until(
        "the sockets of " + name + " are there",
        () ->
            Files.exists(host.datagramSocket(owner, name))
                && Files.exists(host.grpcSocket(owner, name)));
  }

  private void awaitNoSockets(String owner, String name) throws Exception {
    Await.until(
        "the sockets of " + name + " are gone",
        () ->
            Files.notExists(host.datagramSocket(owner, name))
                && Files.notExists(host.grpcSocket(owner, name)));
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, content)).build();
  }

  private static long readers(ForwarderProcess forwarder) throws IOException {
    return new ProcessFacts(forwarder.pid())
        .threads().stream().filter(name -> name.startsWith("DBusConnection")).count();
  }
}
