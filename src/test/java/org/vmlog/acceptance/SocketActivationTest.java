package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/** Sockets that a service manager opened, and keeps while the forwarder is started again. */
final class SocketActivationTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @TempDir Path folder;

  private TestHost host;
  private InetSocketAddress tcp;
  private Path socket;

  @BeforeEach
  void configure() throws Exception {
    assumeTrue(Files.exists(PYTHON), "python3 is missing (Debian package python3)");
    tcp = TestHost.freeTcpAddress();
    socket = folder.resolve("activated.sock");
    host =
        new TestHost(folder)
            .with("[[vm]]\nowner = \"alice\"\nname = \"web-1\"\naddress = \"127.0.0.1\"")
            .with("[attribution]\ninsecure_loopback_identity = true");
  }

  @Test
  void inherited_eachFamily_isServedInsteadOfTheConfigured() throws Exception {
    try (ForwarderProcess forwarder = managed()) {
      forwarder.awaitLog("listening on inherited socket host");
      try (Guest user = Guest.on(socket);
          Guest guest = Guest.on(tcp)) {
        user.send(Guest.Method.USER, request("from this host"));
        guest.send(Guest.Method.USER, request("from a guest"));
      }

      assertThat(host.forwarderSocket()).doesNotExist();
      assertThat(LogFiles.lines(host.hostUserLog(ownUid()))).hasSize(1);
      assertThat(LogFiles.lines(host.log("alice", "web-1"))).hasSize(1);
      assertThat(forwarder.terminate()).isZero();
    }
  }

  @Test
  void inherited_forwarderKilled_whatConnectsMeanwhileIsServedByTheNext() throws Exception {
    try (ForwarderProcess manager = managed()) {
      long killed = child(manager);
      ProcessHandle.of(killed).orElseThrow().destroyForcibly();
      manager.awaitLog("ended with -9");

      try (Guest guest = Guest.on(tcp)) {
        var answer = guest.sendAsync(Guest.Method.USER, request("while it was away").toByteArray());
        new ProcessBuilder("kill", "-USR1", Long.toString(manager.pid())).start().waitFor();
        Await.value(answer);
      }

      assertThat(LogFiles.lines(host.log("alice", "web-1")))
          .hasSize(1)
          .allMatch(line -> line.endsWith(" web-1 while it was away"));
      assertThat(manager.terminate()).isZero();
    }
  }

  @Test
  void inherited_blockingSocket_isRefusedWithWhatToDo() throws Exception {
    try (ForwarderProcess manager = ForwarderProcess.under(manager("--blocking"), host.config())) {
      manager.awaitLog("descriptor 3 (host) is blocking: set NonBlocking=true");
      manager.awaitLog("ended with 74");
    }
  }

  private ForwarderProcess managed() throws IOException {
    return ForwarderProcess.under(manager(), host.config()).awaitReady();
  }

  private List<String> manager(String... options) {
    List<String> command =
        new ArrayList<>(List.of(PYTHON.toString(), "src/test/python/manager.py"));
    command.addAll(List.of(options));
    command.addAll(List.of(socket.toString(), Integer.toString(tcp.getPort())));
    return command;
  }

  private static long child(ForwarderProcess manager) {
    return ProcessHandle.of(manager.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
  }

  private static int ownUid() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder()
        .addRecords(LogRecord.newBuilder().setContent(ByteString.copyFromUtf8(content)))
        .build();
  }
}
