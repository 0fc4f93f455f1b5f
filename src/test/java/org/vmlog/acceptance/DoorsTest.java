package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PythonGuest;
import org.vmlog.testing.TestHost;

/** By which door somebody comes in says who they are; both methods work through each of them. */
final class DoorsTest {
  private static final String NO_PYTHON =
      "gRPC for Python is missing (Debian packages python3, python3-grpcio)";

  @TempDir Path folder;

  private TestHost host;
  private InetSocketAddress tcp;

  @BeforeEach
  void configure() throws Exception {
    tcp = TestHost.freeTcpAddress();
    host = new TestHost(folder);
  }

  @Test
  void records_byTcp_areOfTheVmWithThatAddress() throws Exception {
    host.withTcp(tcp).with("[[vm]]\nowner = \"alice\"\nname = \"web-1\"\naddress = \"127.0.0.1\"");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(tcp)) {
      sendBoth(guest);
    }
    assertBoth(host.log("alice", "web-1"), "web-1");
  }

  @Test
  void records_byTheForwardersOwnSocket_areOfTheUser() throws Exception {
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.forwarderSocket())) {
      sendBoth(guest);
    }
    int uid = ownUid();
    assertBoth(host.hostUserLog(uid), "uid-" + uid);
  }

  @Test
  void records_byTheSocketOfAVmWithALongName_areOfThatVm() throws Exception {
    String name = "n".repeat(150);
    host.withVm("alice", name).withVm("bob", name);
    try (ForwarderProcess forwarder = host.start()) {
      forwarder.awaitLog("the sockets of VM alice/" + name);
      Matcher said =
          Pattern.compile("sockets of VM alice/n+ .*are (\\S+)[.]lsock ").matcher(forwarder.log());
      assertThat(said.find()).isTrue();
      try (Guest guest = Guest.on(Path.of(said.group(1) + ".grpc"))) {
        sendBoth(guest);
      }
    }
    assertBoth(host.log("alice", name), "n".repeat(63));
  }

  @Test
  void records_byAVmsOwnSocket_areOfThatVm() throws Exception {
    host.withVm("alice", "web-1").withVm("alice", "web-2");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      sendBoth(guest);
    }
    assertBoth(host.log("alice", "web-1"), "web-1");
    assertThat(host.log("alice", "web-2")).isEmptyFile();
  }

  @Test
  void records_byHybridVsock_areOfThatVm() throws Exception {
    Path vsock = Files.createDirectory(folder.resolve("vmm")).resolve("v.sock");
    host.with("[[vm]]\nowner = \"alice\"\nname = \"fc-1\"\nhybrid_vsock = \"" + vsock + "\"");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(Path.of(vsock + "_9999"))) {
      sendBoth(guest);
    }
    assertBoth(host.log("alice", "fc-1"), "fc-1");
  }

  @Test
  void records_ofAPythonGuestByTcp_areWritten() throws Exception {
    assumeTrue(PythonGuest.isAvailable(), NO_PYTHON);
    host.withTcp(tcp).with("[[vm]]\nowner = \"alice\"\nname = \"web-1\"\naddress = \"127.0.0.1\"");
    try (ForwarderProcess forwarder = host.start()) {
      sendBothByPython("127.0.0.1:" + tcp.getPort());
    }
    assertBoth(host.log("alice", "web-1"), "web-1");
  }

  @Test
  void records_ofAPythonGuestByAVmsOwnSocket_areWritten() throws Exception {
    assumeTrue(PythonGuest.isAvailable(), NO_PYTHON);
    host.withVm("alice", "web-1");
    try (ForwarderProcess forwarder = host.start()) {
      sendBothByPython("unix:" + host.grpcSocket("alice", "web-1"));
    }
    assertBoth(host.log("alice", "web-1"), "web-1");
  }

  @Test
  void tcpPeer_thatNobodyRegistered_isRefused() throws Exception {
    assumeTrue(PythonGuest.isAvailable(), NO_PYTHON);
    host.withTcp(tcp);
    try (ForwarderProcess forwarder = host.start()) {
      String status =
          PythonGuest.send("127.0.0.1:" + tcp.getPort(), "CollectUserLogs", 7, 7, "hello");

      assertThat(status).isEqualTo("PERMISSION_DENIED");
    }
    assertThat(folder.resolve("logs/@host")).doesNotExist();
  }

  private static void sendBoth(Guest guest) {
    guest.send(Guest.Method.KERNEL, request("Linux version 6.1"));
    guest.send(Guest.Method.USER, request(" sshd[7]: écoute"));
  }

  private static void sendBothByPython(String target) throws Exception {
    assertThat(PythonGuest.send(target, "CollectKernelLogs", 7, 7, "Linux version 6.1"))
        .isEqualTo("OK");
    assertThat(PythonGuest.send(target, "CollectUserLogs", 7, 7, " sshd[7]: écoute"))
        .isEqualTo("OK");
  }

  private static void assertBoth(Path log, String host) throws Exception {
    assertThat(LogFiles.lines(log))
        .containsExactly(
            "<6>Jan  1 00:00:07 " + host + " kernel: Linux version 6.1",
            "<14>Jan  1 00:00:07 " + host + " sshd[7]: écoute");
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, content)).build();
  }

  private static int ownUid() throws Exception {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }
}
