package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeLogHost;
import org.vmlog.testing.VmSyslogProcess;

/** vm-syslog's exit codes, of sysexits(3), its file, and sockets that systemd passes to it. */
@Timeout(120)
final class VmSyslogCommandLineTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @TempDir Path folder;
  private Path devLog;
  private FakeLogHost host;

  @BeforeEach
  void prepare() {
    devLog = folder.resolve("devlog");
    host = FakeLogHost.on(folder.resolve("door"));
  }

  @AfterEach
  void stopHost() throws InterruptedException {
    host.close();
  }

  @Test
  void help_exits0AndNamesOptionsAndExitCodes() throws Exception {
    try (VmSyslogProcess guest = launch("--help")) {
      assertThat(guest.await()).isZero();
      assertThat(guest.output())
          .startsWith("Usage: vm-syslog ")
          .contains("--dev-log=PATH", "--kmsg=PATH", "--host=ADDRESS", "vsock:2:9999", "77");
    }
  }

  @Test
  void version_exits0AndSaysWhatThisIs() throws Exception {
    try (VmSyslogProcess guest = launch("--version")) {
      assertThat(guest.await()).isZero();
      assertThat(guest.output()).matches("vmlog \\S+\n");
    }
  }

  @Test
  void badFlags_exit64WithALineForEach() throws Exception {
    try (VmSyslogProcess guest = launch("--host", "vsock:host:9999", "--buffer", "1KiB")) {
      assertThat(guest.await()).isEqualTo(64);
      assertThat(guest.log().lines())
          .satisfiesExactlyInAnyOrder(
              line ->
                  assertThat(line)
                      .isEqualTo(
                          "command line: --host = \"vsock:host:9999\": a numeric address and a"
                              + " port from 1 to 65535, such as \"127.0.0.1:9999\" or"
                              + " \"[::1]:9999\" (names are not looked up)"),
              line ->
                  assertThat(line)
                      .startsWith("command line: --buffer = \"1KiB\": a size such as \"64MiB\""));
    }
  }

  @Test
  void unknownFlag_exits64AndNamesIt() throws Exception {
    assertRefused(64, "Unknown option: '--colour'", "--colour");
  }

  @Test
  void missingFile_exits66() throws Exception {
    String missing = folder.resolve("missing.toml").toString();
    assertRefused(66, "no such file: " + missing, "--config", missing);
  }

  @Test
  void badFile_exits78AndNamesTheLine() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("c.toml"), "[host]\naddress = \"vsock:2\"\n[sauces]\nkmsg = false\n");
    try (VmSyslogProcess guest = launch("--config", config.toString())) {
      assertThat(guest.await()).isEqualTo(78);
      assertThat(guest.log())
          .contains(config + ":2: host.address = \"vsock:2\": ")
          .contains(config + ":3: sauces = {…}: no such table; did you mean \"sources\"?");
    }
  }

  @Test
  void file_saysWhatFlagsDoNot() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("c.toml"),
            """
            [sources]
            dev_log = "%s"
            dev_log_type = "stream"
            kmsg = false
            [host]
            address = "unix:/nowhere"
            [flush]
            after = "10ms"
            """
                .formatted(devLog));
    host.start();
    try (VmSyslogProcess guest =
        launch("--config", config.toString(), "--host", "unix:" + folder.resolve("door"))
            .awaitReady()) {
      logger("from a file");
      awaitReceived("from a file");
      assertThat(guest.terminate()).isZero();
    }
  }

  @Test
  void socketInUse_exits69() throws Exception {
    try (VmSyslogProcess first = start()) {
      assertRefused(
          69,
          devLog + " is in use by another process",
          "--dev-log",
          devLog.toString(),
          "--kmsg",
          "none");
      assertThat(first.terminate()).isZero();
    }
  }

  @Test
  void bufferInUse_exits69() throws Exception {
    String file = folder.resolve("buffer").toString();
    try (VmSyslogProcess first = start("--buffer-file", file)) {
      assertRefused(
          69,
          file + ": is in use by another vm-syslog",
          "--dev-log",
          folder.resolve("other").toString(),
          "--kmsg",
          "none",
          "--buffer-file",
          file);
      assertThat(first.terminate()).isZero();
    }
  }

  @Test
  void kmsgThatIsMissing_exits66() throws Exception {
    String missing = folder.resolve("kmsg").toString();
    assertRefused(
        66, "no such file: " + missing, "--dev-log", devLog.toString(), "--kmsg", missing);
  }

  @Test
  void inheritedSockets_ofBothTypes_areReadInThePlaceOfDevLog() throws Exception {
    assumeTrue(Files.exists(PYTHON), "python3 is missing (Debian package python3)");
    host.start();
    Path stream = folder.resolve("stream");
    List<String> activate =
        List.of(
            PYTHON.toString(),
            "src/test/python/activate.py",
            "dgram:" + devLog,
            "stream:" + stream,
            "--");
    try (VmSyslogProcess guest =
        VmSyslogProcess.launchUnder(
                activate,
                "--kmsg",
                "none",
                "--flush-after",
                "10ms",
                "--host",
                "unix:" + folder.resolve("door"))
            .awaitReady()) {
      logger("by datagram");
      awaitReceived("by datagram");
      run("logger", "-u", stream.toString(), "-t", "tag", "by stream");
      awaitReceived("by stream");
      assertThat(guest.log()).doesNotContain("/dev/log");
      assertThat(guest.terminate()).isZero();
      assertThat(devLog).exists();
    }
  }

  private VmSyslogProcess start(String... more) throws IOException {
    return VmSyslogProcess.start(devLog, "unix:" + folder.resolve("door"), more);
  }

  private static VmSyslogProcess launch(String... arguments) throws IOException {
    return VmSyslogProcess.launch(Map.of(), arguments);
  }

  private static void assertRefused(int exitCode, String reason, String... arguments)
      throws IOException {
    try (VmSyslogProcess guest = launch(arguments)) {
      assertThat(guest.await()).as(guest.log()).isEqualTo(exitCode);
      assertThat(guest.log()).contains(reason).doesNotContain("\tat ", "Exception:");
    }
  }

  private void logger(String text) throws Exception {
    run("logger", "-u", devLog.toString(), "-t", "tag", text);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private void awaitReceived(String text) {
    Await.until(
        "the host has: " + text,
        () -> host.received().stream().anyMatch(line -> line.endsWith("tag: " + text)));
  }
}
