package org.vmlog.forwarder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.config.ForwarderConfigReader;
import org.vmlog.doctor.Doctor;
import org.vmlog.doctor.Finding;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.SocketAccess;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.RawHttp2;
import org.vmlog.testing.TestHost;
import org.vmlog.wire.ListenAddress;

/**
 * A guest that logs before concierge has said that its VM starts: a whole daemon on a real bus,
 * with vsock's door behind a Unix socket.
 */
class EarlyGuestTest {
  private static final long CID = 42;
  private static final SocketAccess ACCESS = new SocketAccess(0600, Optional.empty());

  @TempDir private Path folder;
  private PrivateBus bus;
  private TestHost host;
  private Path door;

  @BeforeEach
  void configure() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
    door = folder.resolve("vsock");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @Test
  void records_sentBeforeTheSignal_areInTheVmsFile() throws Exception {
    host.with("[limits]\nhold = \"15s\"");
    try (ForwarderDaemon daemon = start();
        FakeConcierge concierge = FakeConcierge.start(bus.address());
        RawHttp2 eager = RawHttp2.connect(door);
        Guest guest = Guest.on(door)) {
      byte[] request = request("waits for no settings");
      eager.preface().callHeaders(1).message(1, request.length, request, true);
      Future<byte[]> call = guest.sendAsync(Guest.Method.KERNEL, request("Linux version 6.1"));
      concierge.vmStartingUp("alice", "web-1", CID);
      assertThat(Await.value(call)).isEmpty();
      guest.send(Guest.Method.USER, request("later"));
      Await.until("all is written", () -> lines().size() == 3);
    }
    assertThat(lines())
        .containsExactlyInAnyOrder(
            "web-1 waits for no settings", "web-1 kernel: Linux version 6.1", "web-1 later");
  }

  @Test
  void records_ofAGuestAnnouncedAfterTheHold_areInTheSyslogUntilThen() throws Exception {
    host.with("[limits]\nhold = \"1ms\"");
    List<String> atSyslog = new ArrayList<>();
    try (PrivateFolder base = PrivateFolder.open(folder, List.of());
        DatagramListener syslog = DatagramListener.bind(base, "syslog", ACCESS);
        ForwarderDaemon daemon = start();
        FakeConcierge concierge = FakeConcierge.start(bus.address());
        Guest guest = Guest.on(door)) {
      guest.send(Guest.Method.USER, request("early"));
      concierge.vmStartingUp("alice", "web-1", CID);
      Await.until(
          "the guest, which keeps its channel, is in its VM's file",
          () -> {
            guest.send(Guest.Method.USER, request("again"));
            receive(syslog, atSyslog);
            return !lines().isEmpty();
          });
      assertThat(counters())
          .containsEntry("connections_held", 1L)
          .containsEntry("connections_held_expired", 1L)
          .containsEntry("connections_held_now", 0L)
          .containsEntry("connections_anonymous", 1L)
          .containsEntry("connections", 2L)
          .containsEntry("unknown_cids", List.of(CID));
      assertThat(doctorsFinding()).isEqualTo("OK none has logged"); // it is known by now
    }
    assertThat(atSyslog.get(0)).endsWith(" VM(42): early");
    assertThat(atSyslog).allMatch(line -> line.contains(" VM(42): "));
    assertThat(lines()).containsOnly("web-1 again");
  }

  @Test
  void guest_thatNobodyAnnounces_isWhatTheDoctorFinds() throws Exception {
    host.with("[limits]\nhold = \"1ms\"");
    try (PrivateFolder base = PrivateFolder.open(folder, List.of());
        DatagramListener syslog = DatagramListener.bind(base, "syslog", ACCESS);
        ForwarderDaemon daemon = start();
        Guest guest = Guest.on(door)) {
      guest.send(Guest.Method.USER, request("early"));
      assertThat(doctorsFinding())
          .isEqualTo(
              "WRONG 1 guest logs with a CID that nobody announced (42), to the local syslog alone;"
                  + " vmlog vm start OWNER/NAME --cid=42, or a [[vm]] in the configuration");
    }
  }

  private String doctorsFinding() {
    Finding found =
        new Doctor(folder, InstantSource.system())
            .examine(Optional.of(host.config()))
            .get("unknown guests");
    String advice = found.advice().isEmpty() ? "" : "; " + found.advice();
    return found.level() + " " + found.what() + advice;
  }

  /** What the daemon counts, as its clients hear it. */
  private Map<String, Object> counters() throws Exception {
    try (ForwarderClient client = ForwarderClient.connect(bus.address())) {
      return client.counters();
    }
  }

  private static void receive(DatagramListener syslog, List<String> lines) throws IOException {
    ByteBuffer buffer = DatagramListener.newBuffer();
    while (syslog.receive(buffer) != DatagramListener.Received.NOTHING) {
      lines.add(StandardCharsets.UTF_8.decode(buffer).toString());
    }
  }

  @Test
  void close_connectionIsHeld_nothingOfItIsAnsweredOrWritten() throws Exception {
    host.with("[limits]\nhold = \"15s\"");
    ForwarderDaemon daemon = start();
    try (RawHttp2 guest = RawHttp2.connect(door)) {
      byte[] request = request("whose?");
      guest.preface().callHeaders(1).message(1, request.length, request, true);
      daemon.close();
      Await.until("the connection is closed", () -> guest.isClosedWithin(Duration.ofMillis(1)));
      assertThat(guest.received()).isZero();
    }
    assertThat(folder.resolve("logs/alice")).doesNotExist();
  }

  @Test
  void countersAndStatistics_areAllDocumented() throws Exception {
    host.withVm("alice", "web-1");
    try (ForwarderDaemon daemon = start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        ForwarderClient client = ForwarderClient.connect(bus.address())) {
      guest.send(Guest.Method.USER, request("hello"));
      Set<String> keys = new TreeSet<>(client.counters().keySet());
      keys.addAll(client.statistics("alice", "web-1").orElseThrow().keySet());
      String document = Files.readString(Path.of("docs/operations.md"));
      assertThat(keys).hasSizeGreaterThan(20).allMatch(key -> document.contains("`" + key + "`"));
    }
  }

  private ForwarderDaemon start() throws Exception {
    ForwarderDaemon daemon =
        ForwarderDaemon.start(
            new ForwarderConfigReader(Map.of()).read(host.config()),
            List.of(),
            ServiceManager.of(Map.of()));
    try {
      daemon.hostDoors().openAsVsock(new ListenAddress.Unix(door, ACCESS), CID);
      return daemon;
    } catch (IOException e) {
      daemon.close();
      throw e;
    }
  }

  /** The file's lines from the host name on. */
  private List<String> lines() throws IOException {
    return LogFiles.lines(host.log("alice", "web-1")).stream()
        .map(line -> line.substring(line.indexOf("web-1")))
        .toList();
  }

  private static byte[] request(String content) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, content)).build().toByteArray();
  }
}
