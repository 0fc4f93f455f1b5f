package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.Installation;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.ShellCommand;

/** Everything below one folder, by one variable. */
@Timeout(120)
class PrivateHomeTest {
  @TempDir Path home;
  @TempDir Path programs;
  private Installation installed;
  private ShellCommand shell;

  @BeforeEach
  void configure() throws Exception {
    installed = Installation.in(programs);
    Files.writeString(
        home.resolve("forwarder.toml"),
        "listen.vsock = false\n[[vm]]\nowner = 'alice'\nname = 'web-1'\n");
    shell = new ShellCommand().with("VMLOG_HOME", home.toString());
  }

  @Test
  void programs_withAHome_findEachOther() throws Exception {
    try (ProgramProcess forwarder = shell.start(installed.program("vmlog-forwarder").toString())) {
      shell.run("logger --socket '" + home + "/run/vm/alice/web-1.lsock' -t qemu 'disk is slow'");

      Await.until(
          "the line is shown",
          () ->
              shell
                  .run(installed.program("vmlog") + " -n all 'web-*'")
                  .contains("qemu: disk is slow"));
      assertThat(shell.run(installed.program("vmlog") + " path web-1"))
          .isEqualTo(home.resolve("logs/alice/web-1.log") + "\n");
      assertThat(shell.run(installed.program("vmlog") + " doctor || true"))
          .contains(home.resolve("forwarder.toml") + " is right")
          .contains("unix:" + home.resolve("run/metrics.sock"))
          .contains("not used, as dbus.address says");
    }
  }

  @Test
  void checkConfig_withAHome_namesFoldersBelowItAlone() throws Exception {
    Files.writeString(home.resolve("forwarder.toml"), "logs.quota.retain_until_shipped = '1h'\n");

    assertThat(shell.run(installed.program("vmlog-forwarder") + " --check-config"))
        .contains("directory = \"" + home.resolve("logs") + "\"")
        .contains("directory = \"" + home.resolve("state") + "\"")
        .contains("shipper_state = \"" + home.resolve("ship") + "\"")
        .contains("socket_directory = \"" + home.resolve("run/vm") + "\"")
        .doesNotContain("/var/", "/run/vmlog");
  }
}
