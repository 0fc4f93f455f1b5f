package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
import org.vmlog.testing.Launcher;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/** A launcher says on a real bus which VMs there are, by an implementation that is not ours. */
final class RegisteredVmTest {
  private static final String ERROR = "org.vmlog.Error.";
  private static final int NOBODY = 65_534;

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
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @Test
  void vm_fromRegisterToUnregister_isThereWhenItIsAnswered() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      assertThat(launcher.register("owner", "s", "alice", "name", "s", "web-1", "cid", "u", "42"))
          .isEqualTo("ok []");
      assertThat(host.log("alice", "web-1")).isEmptyFile();
      say("alice", "web-1", "hello");
      assertThat(launcher.call("UnregisterVm", "alice", "web-1")).isEqualTo("ok []");
      assertThat(host.grpcSocket("alice", "web-1")).doesNotExist();
      forwarder.awaitLog("VM alice/web-1 (CID 42, generation 1) is gone");
    }
    assertThat(LogFiles.lines(host.log("alice", "web-1")))
        .containsExactly("<14>Jan  1 00:00:07 web-1 hello");
  }

  @Test
  void vm_withEverything_isListedWithEverything() throws Exception {
    Path vmm = Files.createDirectory(folder.resolve("fc"));
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      assertThat(
              launcher.register(
                  "owner",
                  "s",
                  "alice",
                  "name",
                  "s",
                  "web-1",
                  "cid",
                  "u",
                  "4294967294",
                  "address",
                  "s",
                  "10.0.7.2",
                  "hybrid_vsock",
                  "s",
                  vmm + "/v.sock",
                  "type",
                  "s",
                  "firecracker",
                  "lease",
                  "b",
                  "true"))
          .isEqualTo("ok []");
      assertThat(vmm.resolve("v.sock_9999")).exists();
      assertThat(launcher.call("ListVms"))
          .contains(
              "\"owner\": \"alice\"",
              "\"name\": \"web-1\"",
              "\"cid\": 4294967294",
              "\"addresses\": [\"10.0.7.2\"]",
              "\"hybrid_vsock\": \"" + vmm + "/v.sock\"",
              "\"type\": \"firecracker\"",
              "\"lease\": true",
              "\"claimed_by\": [\"uid:",
              "\"generation\": 1",
              "\"log\": \"" + host.log("alice", "web-1") + "\"",
              "\"grpc_socket\": \"" + host.grpcSocket("alice", "web-1") + "\"",
              "\"crosvm_socket\": \"" + host.datagramSocket("alice", "web-1") + "\"");
      assertThat(forwarder.terminate()).isZero();
    }
  }

  @Test
  void sockets_thatWereHandedOver_areThatVmsAndStayTheLaunchers() throws Exception {
    Path datagrams = folder.resolve("crosvm.sock");
    Path listener = folder.resolve("v.sock_9999");
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      launcher.make("dgram", "d", datagrams.toString());
      launcher.make("listen", "l", listener.toString());
      for (int round = 1; round <= 2; round++) {
        assertThat(register(launcher, "crosvm_socket", "h", "d", "hybrid_listener", "h", "l"))
            .isEqualTo("ok []");
        try (Vmm vmm = Vmm.on(datagrams);
            Guest guest = Guest.on(listener)) {
          guest.send(Guest.Method.USER, request("guest " + round));
          vmm.say("<30>Jan  1 00:00:07 crosvm[1]: vmm " + round);
        }
        // What was in the socket when the VM ended is written.
        assertThat(launcher.call("UnregisterVm", "alice", "web-1")).isEqualTo("ok []");
        assertThat(datagrams).exists();
        assertThat(listener).exists();
      }
      assertThat(forwarder.terminate()).isZero();
    }
    assertThat(LogFiles.lines(host.log("alice", "web-1")).stream().map(Vmm::withoutTime))
        .containsExactly(
            "<14>Jan  1 00:00:07 web-1 guest 1",
            "<30>web-1 crosvm[1]: vmm 1",
            "<46>web-1 forwarder: VM started (generation 2)",
            "<14>Jan  1 00:00:07 web-1 guest 2",
            "<30>web-1 crosvm[1]: vmm 2");
  }

  @Test
  void sockets_thatWereHandedOver_outliveTheBus() throws Exception {
    Path datagrams = folder.resolve("crosvm.sock");
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      launcher.make("dgram", "d", datagrams.toString());
      assertThat(register(launcher, "crosvm_socket", "h", "d")).isEqualTo("ok []");
      bus.stop();
      bus.start();
      awaitNamed(forwarder, 2);
      try (Vmm vmm = Vmm.on(datagrams)) {
        vmm.say("<30>Jan  1 00:00:07 crosvm[1]: still read");
      }
      Await.until("it is written", () -> LogFiles.lines(host.log("alice", "web-1")).size() == 1);
    }
  }

  @Test
  void descriptors_ofOtherKinds_areRefusedByName() throws Exception {
    String datagram = "crosvm_socket is of another kind: allowed is a bound Unix datagram socket";
    String listening =
        "hybrid_listener is of another kind: allowed is a Unix stream socket that listens";
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      launcher.make("dgram", "d", folder.resolve("d").toString());
      launcher.make("pair", "pair", "");
      launcher.make("stream", "stream", folder.resolve("s").toString());
      launcher.make("listen", "listen", folder.resolve("l").toString());
      launcher.make("packets", "packets", folder.resolve("p").toString());
      launcher.make("tcp", "tcp", "");
      launcher.make("file", "file", folder.resolve("f").toString());
      long before = descriptors(forwarder);

      for (String kind : new String[] {"pair", "stream", "listen", "packets", "tcp", "file"}) {
        assertInvalid(register(launcher, "crosvm_socket", "h", kind), datagram);
      }
      for (String kind : new String[] {"pair", "stream", "d", "packets", "tcp", "file"}) {
        assertInvalid(register(launcher, "hybrid_listener", "h", kind), listening);
        assertInvalid(
            register(launcher, "crosvm_socket", "h", "d", "hybrid_listener", "h", kind), listening);
      }
      assertInvalid(
          launcher.registerWithExtra("d", vm("crosvm_socket", "h", "d")),
          "descriptors came that no key names: 1; allowed are none");
      assertInvalid(
          register(launcher, "crosvm_socket", "s", "/tmp/d"),
          "crosvm_socket = \"/tmp/d\" has the type \"s\"; allowed is h");
      assertInvalid(
          register(launcher, "name2", "h", "d"), "no such key: \"name2\"; allowed are address,");

      assertThat(launcher.call("ListVms")).isEqualTo("ok [[]]");
      Await.until("all of them are closed", () -> descriptors(forwarder) <= before);
    }
  }

  @Test
  void registration_thatMakesNoSense_isRefusedByKeyAndValue() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      assertInvalid(launcher.register("name", "s", "x"), "owner is missing; every VM has an owner");
      assertInvalid(launcher.register("owner", "s", "x"), "name is missing; every VM has an owner");
      assertInvalid(
          launcher.register("owner", "s", "", "name", "s", "x"),
          "owner = \"\": allowed is a string of 1 to 255 bytes");
      assertInvalid(
          launcher.register("owner", "s", "x", "name", "s", "n".repeat(256)), "name = \"nnnnnnnnn");
      assertInvalid(
          launcher.register("owner", "s", "x", "name", "u", "7"),
          "name = 7 has the type \"u\"; allowed is s");
      assertInvalid(register(launcher, "cid", "u", "2"), "cid = 2: allowed is a guest's, 3 to");
      assertInvalid(register(launcher, "cid", "u", "4294967295"), "cid = 4294967295: allowed is");
      assertInvalid(register(launcher, "cid", "s", "42"), "cid = \"42\" has the type \"s\";");
      assertInvalid(
          register(launcher, "address", "s", "127.0.0.1"),
          "address = \"127.0.0.1\": allowed is not a loopback address");
      assertInvalid(register(launcher, "address", "s", "web-1.example"), "address = \"web-1.ex");
      assertInvalid(
          register(launcher, "hybrid_vsock", "s", "v.sock"),
          "hybrid_vsock = \"v.sock\": allowed is an absolute path");
      assertInvalid(register(launcher, "type", "s", ""), "type = \"\": allowed is");
      assertInvalid(register(launcher, "lease", "u", "1"), "lease = 1 has the type \"u\";");
      assertInvalid(
          register(launcher, "colour\033[31m", "b", "true"), "no such key: \"colour#033[");
      assertThat(register(launcher, "hybrid_vsock", "s", folder + "/missing/v.sock"))
          .startsWith(ERROR + "Failed: alice/web-1: cannot listen on hybrid vsock " + folder);
      assertThat(register(launcher, "type", "s", "t".repeat(2 << 20)))
          .startsWith("org.freedesktop.DBus.Error.LimitsExceeded: the arguments have ");
      assertThat(launcher.call("RegisterVm", "alice", "web-1"))
          .startsWith("org.freedesktop.DBus.Error.InvalidArgs: the arguments of RegisterVm are");
      assertThat(launcher.call("Fly"))
          .startsWith("org.freedesktop.DBus.Error.UnknownMethod: no method Fly; allowed are");
      assertThat(launcher.call("ListVms")).isEqualTo("ok [[]]");
    }
  }

  @Test
  void names_thatWouldLeadElsewhere_stayInTheFolder() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      for (String name : new String[] {"..", ".", "a/b", "../../x", "@realms", "\n", "ü"}) {
        assertThat(launcher.register("owner", "s", name, "name", "s", name)).isEqualTo("ok []");
      }
    }
    try (Stream<Path> folders = Files.list(folder.resolve("logs"))) {
      assertThat(folders.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              ".layout",
              ".zone",
              ".ids",
              ".lock",
              "%2E.",
              "%2E",
              "a%2Fb",
              "%2E.%2F..%2Fx",
              "%40realms",
              "%0A",
              "%C3%BC");
    }
  }

  @Test
  void claim_ofAnothers_isRefusedAndCannotBeReleased() throws Exception {
    assumeRoot();
    host.withVm("bob", "static").with("[[vm]]\nowner = \"bob\"\nname = \"db\"\ncid = 99");
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher first = Launcher.on(bus.address());
        Launcher stranger = Launcher.on(bus.address(), NOBODY, "65534")) {
      assertThat(register(first, "cid", "u", "42")).isEqualTo("ok []");
      String denied = ERROR + "Denied: user 65534 may not register VMs: root may, and group vmlog";
      assertThat(register(stranger, "cid", "u", "43")).startsWith(denied);
      assertThat(stranger.call("UnregisterVm", "alice", "web-1")).startsWith(denied);
      assertThat(stranger.call("Rotate", "alice", "web-1")).startsWith(denied);
      assertThat(stranger.call("ListVms"))
          .isEqualTo(
              ERROR
                  + "Denied: user 65534 may not list VMs: root may, and group vmlog-admin or"
                  + " vmlog");

      assertThat(first.register("owner", "s", "mallory", "name", "s", "x", "cid", "u", "99"))
          .isEqualTo(
              ERROR + "Claimed: mallory/x cannot have CID 99, which is bob/db's by configuration");
      assertThat(first.call("UnregisterVm", "bob", "static"))
          .isEqualTo(ERROR + "Claimed: bob/static is configuration's, and not uid:0's");
      assertThat(first.call("UnregisterVm", "no", "such"))
          .isEqualTo(ERROR + "NotFound: no VM no/such is announced");
      assertThat(first.call("UnregisterVm", "", "x")).startsWith(ERROR + "InvalidArgument: a VM");
      assertThat(first.call("Rotate", "no", "such"))
          .isEqualTo(ERROR + "NotFound: no VM no/such is live");
    }
  }

  @Test
  void claim_ofConcierges_isNoUsersAndTheOtherWayRound() throws Exception {
    try (FakeConcierge concierge = FakeConcierge.start(bus.address());
        ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      concierge.vmStartingUp("alice", "web-1", 42);
      forwarder.awaitLog("VM alice/web-1 (CID 42, generation 1) is live");
      assertThat(register(launcher, "cid", "u", "43"))
          .startsWith(ERROR + "Claimed: alice/web-1 is concierge's, and uid:");
      assertThat(launcher.call("UnregisterVm", "alice", "web-1"))
          .startsWith(ERROR + "Claimed: alice/web-1 is concierge's, and not uid:");
      assertThat(launcher.register("owner", "s", "bob", "name", "s", "db-1", "cid", "u", "42"))
          .startsWith(ERROR + "Claimed: bob/db-1 cannot have CID 42, which is alice/web-1's");

      assertThat(launcher.register("owner", "s", "bob", "name", "s", "db-1", "cid", "u", "44"))
          .isEqualTo("ok []");
      concierge.vmStopped("bob", "db-1", 44);
      concierge.vmStartingUp("bob", "db-1", 45);
      forwarder.awaitLog("VM refused: bob/db-1 is uid:");
      assertThat(launcher.call("ListVms")).contains("\"cid\": 44");
    }
  }

  @Test
  void claims_acrossARestart_standAsLongAsTheirLaunchers() throws Exception {
    try (Launcher stays = Launcher.on(bus.address())) {
      try (Launcher goes = Launcher.on(bus.address());
          ForwarderProcess forwarder = host.start().awaitOnBus()) {
        assertThat(register(stays, "cid", "u", "42")).isEqualTo("ok []");
        assertThat(
                stays.register("owner", "s", "alice", "name", "s", "leased", "lease", "b", "true"))
            .isEqualTo("ok []");
        assertThat(goes.register("owner", "s", "alice", "name", "s", "gone", "lease", "b", "true"))
            .isEqualTo("ok []");
        forwarder.kill();
      }
      try (ForwarderProcess forwarder = host.start().awaitOnBus()) {
        forwarder.awaitLog("VM alice/gone ");
        forwarder.awaitLog("is gone");
        say("alice", "web-1", "still there");
        assertThat(stays.call("ListVms"))
            .contains("\"web-1\"", "\"leased\"", "\"cid\": 42")
            .doesNotContain("\"gone\"");
      }
    }
  }

  @Test
  void lease_ofALauncherThatIsKilled_endsWithIt() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher other = Launcher.on(bus.address())) {
      try (Launcher launcher = Launcher.on(bus.address())) {
        assertThat(register(launcher, "lease", "b", "true")).isEqualTo("ok []");
        assertThat(launcher.register("owner", "s", "alice", "name", "s", "kept"))
            .isEqualTo("ok []");
      }
      forwarder.awaitLog("VM alice/web-1 (CID 0, generation 1) is gone");
      assertThat(other.call("ListVms")).contains("\"kept\"").doesNotContain("\"web-1\"");

      // A newer claim is the newer launcher's, whatever becomes of the older one.
      try (Launcher launcher = Launcher.on(bus.address())) {
        assertThat(register(launcher, "lease", "b", "true")).isEqualTo("ok []");
        assertThat(register(other)).isEqualTo("ok []");
        assertThat(
                launcher.register("owner", "s", "alice", "name", "s", "gone", "lease", "b", "true"))
            .isEqualTo("ok []");
      }
      forwarder.awaitLog("VM alice/gone (CID 0, generation 5) is gone");
      assertThat(other.call("ListVms")).contains("\"web-1\"");
    }
  }

  @Test
  void lease_whenTheBusIsStartedAnew_endsAndOtherClaimsStay() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus()) {
      try (Launcher launcher = Launcher.on(bus.address())) {
        assertThat(register(launcher, "lease", "b", "true")).isEqualTo("ok []");
        assertThat(launcher.register("owner", "s", "alice", "name", "s", "kept"))
            .isEqualTo("ok []");
        bus.stop();
        bus.start();
        forwarder.awaitLog("VM alice/web-1 (CID 0, generation 1) is gone");
      }
      awaitNamed(forwarder, 2);
      // Of the same name as the one that had the lease on the bus before.
      try (Launcher launcher = Launcher.on(bus.address())) {
        assertThat(launcher.call("ListVms")).contains("\"kept\"").doesNotContain("\"web-1\"");
        assertThat(register(launcher, "lease", "b", "true")).isEqualTo("ok []");
      }
      forwarder.awaitLog("VM alice/web-1 (CID 0, generation 3) is gone");
    }
  }

  @Test
  void rotate_beginsANewFileAndAnswersWhenItIsThere() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      assertThat(register(launcher)).isEqualTo("ok []");
      assertThat(launcher.call("Rotate", "alice", "web-1")).isEqualTo("ok []");
      Path log = host.log("alice", "web-1");
      assertThat(LogFiles.of(log)).containsExactly(log); // there was nothing to rotate

      say("alice", "web-1", "before");
      assertThat(launcher.call("Rotate", "alice", "web-1")).isEqualTo("ok []");
      assertThat(log).isEmptyFile();
      say("alice", "web-1", "after");
    }
    Path log = host.log("alice", "web-1");
    assertThat(Files.readString(log)).isEqualTo("<14>Jan  1 00:00:07 web-1 after\n");
    assertThat(LogFiles.lines(log))
        .containsExactly("<14>Jan  1 00:00:07 web-1 before", "<14>Jan  1 00:00:07 web-1 after");
  }

  @Test
  void drops_ofAVm_areSignalledInASum() throws Exception {
    host.with("[limits]\nrecords_per_second = 10\nburst = 10");
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        Launcher launcher = Launcher.on(bus.address())) {
      assertThat(register(launcher)).isEqualTo("ok []");
      launcher.listen("VmLogDropped");

      LogRequest.Builder flood = LogRequest.newBuilder();
      for (int i = 0; i < 5000; i++) {
        flood.addRecords(Guest.record(7, "flood"));
      }
      try (Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
        guest.send(Guest.Method.USER, flood.build());
      }

      // The request was answered when its drop lines stood.
      long counted = 0;
      for (String line : LogFiles.lines(host.log("alice", "web-1"))) {
        Matcher drop = Pattern.compile("forwarder: (\\d+) records dropped").matcher(line);
        counted += drop.find() ? Long.parseLong(drop.group(1)) : 0;
      }
      assertThat(counted).isPositive();
      long signalled = 0;
      while (signalled < counted) {
        String signal = launcher.next("VmLogDropped");
        assertThat(signal).matches("ok \\[\"alice\", \"web-1\", \\d+, \"rate-limit\"]");
        signalled += Long.parseLong(signal.split(", ", -1)[2]);
      }
      assertThat(signalled).isEqualTo(counted);
    }
  }

  private static String register(Launcher launcher, String... more) throws IOException {
    return launcher.register(vm(more));
  }

  /** alice/web-1, and what more there is to say of it. */
  private static String[] vm(String... more) {
    String[] named = {"owner", "s", "alice", "name", "s", "web-1"};
    return Stream.concat(Arrays.stream(named), Arrays.stream(more)).toArray(String[]::new);
  }

  private static void assertInvalid(String answer, String message) {
    assertThat(answer).startsWith(ERROR + "InvalidArgument: " + message);
  }

  private static long descriptors(ForwarderProcess forwarder) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(forwarder.pid()), "fd"))) {
      return open.count();
    }
  }

  private static void awaitNamed(ForwarderProcess forwarder, int times) {
    Await.until(
        "the forwarder has its name " + times + " times",
        () ->
            forwarder.log().lines().filter(line -> line.contains("on D-Bus as org.vmlog")).count()
                >= times,
        forwarder::log);
  }

  private static void assumeRoot() throws IOException {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "only root can be another user");
  }

  private void say(String owner, String name, String content) {
    try (Guest guest = Guest.on(host.grpcSocket(owner, name))) {
      guest.send(Guest.Method.USER, request(content));
    }
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, content)).build();
  }
}
