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
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
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
    try (ForwarderProcess forwarder = host.start();
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
    try (ForwarderProcess forwarder = host.start();
        Launcher launcher = Launcher.on(bus.address())) {
      assertThat(
              launcher.register(
                  "owner", "s", "alice", "name", "s", "web-1", "cid", "u", "4294967294", "address",
                  "s", "10.0.7.2", "hybrid_vsock", "s", vmm + "/v.sock", "type", "s", "firecracker",
                  "lease", "b", "true"))
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

  private void say(String owner, String name, String content) {
    try (Guest guest = Guest.on(host.grpcSocket(owner, name))) {
      guest.send(Guest.Method.USER, request(content));
    }
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, content)).build();
  }
}
