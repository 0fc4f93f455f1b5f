package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Tmpfs;

/** Exit codes of sysexits(3), each with lines that say what to do. */
final class CommandLineTest {
  @TempDir Path folder;

  @Test
  void help_exits0AndNamesOptionsAndExitCodes() throws Exception {
    try (ForwarderProcess forwarder = ForwarderProcess.launch("--help")) {
      assertThat(forwarder.await()).isZero();
      assertThat(forwarder.output())
          .startsWith("Usage: vmlog-forwarder ")
          .contains("--config=FILE", "--check-config", "--version", "78");
      assertThat(forwarder.log()).isEmpty();
    }
  }

  @Test
  void version_exits0AndSaysWhatThisIs() throws Exception {
    try (ForwarderProcess forwarder = ForwarderProcess.launch("--version")) {
      assertThat(forwarder.await()).isZero();
      assertThat(forwarder.output()).matches("vmlog \\S+\n");
    }
  }

  @Test
  void unknownOption_exits64AndNamesIt() throws Exception {
    try (ForwarderProcess forwarder = ForwarderProcess.launch("--colour")) {
      assertThat(forwarder.await()).isEqualTo(64);
      assertThat(forwarder.log()).startsWith("Unknown option: '--colour'");
    }
  }

  @Test
  void missingFile_exits66AndNamesIt() throws Exception {
    Path missing = folder.resolve("missing.toml");
    try (ForwarderProcess forwarder = ForwarderProcess.launch("--config", missing.toString())) {
      assertThat(forwarder.await()).isEqualTo(66);
      assertThat(forwarder.log()).isEqualTo("no such file: " + missing);
    }
  }

  @Test
  void wrongConfiguration_exits78WithALineForEachError() throws Exception {
    Path config =
        ForwarderProcess.write(
            folder,
            """
            [logs]
            layout = "flat"
            colour = true
            [[vm]]
            owner = "alice"
            name = "web-1"
            cid = 2
            """);
    try (ForwarderProcess forwarder = ForwarderProcess.launch("--config", config.toString())) {
      assertThat(forwarder.await()).isEqualTo(78);
      assertThat(forwarder.log().lines().filter(line -> !line.contains(" info ")))
          .satisfiesExactly(
              line -> assertThat(line).startsWith(config + ":2: logs.layout = \"flat\": "),
              line -> assertThat(line).startsWith(config + ":3: logs.colour = true: no such key"),
              line -> assertThat(line).startsWith(config + ":7: vm.cid = 2: "));
    }
  }

  @Test
  void tcpPortInUse_exits69() throws Exception {
    InetSocketAddress address = TestHost.freeTcpAddress();
    TestHost host = new TestHost(folder).withTcp(address);
    try (ServerSocket other = new ServerSocket(address.getPort(), 1, address.getAddress())) {
      assertRefused(host, 69, "tcp:127.0.0.1:" + other.getLocalPort());
    }
  }

  @Test
  void unixSocketInUse_exits69AndLeavesItToItsOwner() throws Exception {
    TestHost host = new TestHost(folder);
    try (ForwarderProcess first = host.start()) {
      host.with("[logs]\ndirectory = \"" + folder + "/other\"")
          .with("[state]\ndirectory = \"" + folder + "/other-state\"");
      assertRefused(host, 69, host.forwarderSocket() + " is in use by another process");
      assertThat(host.forwarderSocket()).exists();
      assertThat(first.terminate()).isZero();
    }
  }

  @Test
  void logFolderInUse_exits69AndNeitherTouchesNorEndsTheFirst() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    try (ForwarderProcess first = host.start()) {
      host.with("[listen]\nunix = false")
          .with("[crosvm]\nsocket_directory = \"" + folder + "/other\"");
      assertRefused(host, 69, folder + "/logs: is in use by another forwarder");
      assertThat(host.grpcSocket("alice", "web-1")).exists();
      assertThat(first.terminate()).isZero();
    }
    try (ForwarderProcess next = host.start()) {
      assertThat(next.terminate()).isZero();
    }
  }

  @Test
  void stateFolderInUse_exits69() throws Exception {
    TestHost host = new TestHost(folder);
    try (ForwarderProcess first = host.start()) {
      host.with("[logs]\ndirectory = \"" + folder + "/other\"");
      assertRefused(host, 69, folder + "/state: is in use by another forwarder");
      assertThat(first.terminate()).isZero();
    }
  }

  @Test
  void logFolderBelowAFile_exits74() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    TestHost host = new TestHost(folder).with("[logs]\ndirectory = \"" + file + "/logs\"");
    assertRefused(host, 74, file + "/logs");
  }

  @Test
  void logFolderReadOnly_exits74() throws Exception {
    TestHost host = new TestHost(folder);
    try (Tmpfs disk = Tmpfs.mount(folder.resolve("logs"), "ro")) {
      assertRefused(host, 74, disk.path() + "/.lock: Read-only file system");
    }
  }

  /** It ends with this code, and the last thing it says is one line with this in it. */
  private static void assertRefused(TestHost host, int exitCode, String reason) throws Exception {
    try (ForwarderProcess forwarder =
        ForwarderProcess.launch("--config", host.config().toString())) {
      assertThat(forwarder.await()).as(forwarder.log()).isEqualTo(exitCode);
      List<String> lines = forwarder.log().lines().toList();
      assertThat(lines.get(lines.size() - 1)).contains(reason);
      assertThat(forwarder.log()).doesNotContain("\tat ", "Exception");
    }
  }
}
