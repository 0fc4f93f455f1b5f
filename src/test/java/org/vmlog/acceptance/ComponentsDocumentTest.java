package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.DocumentCommands;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.ShellCommand;
import org.vmlog.testing.TestHost;

/**
 * Follows docs/attribution.md and docs/components.md: runs every command as it stands there, one
 * after the other, by a shell, on a bus and in a folder of its own.
 */
@Timeout(120)
final class ComponentsDocumentTest {
  private static final Path TOUR = Path.of("docs/attribution.md");
  private static final Path REFERENCE = Path.of("docs/components.md");

  @TempDir Path folder;

  private ShellCommand shell;

  @BeforeEach
  void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @Test
  void tour_itsFiveCommands_printWhatItSays() throws Exception {
    List<String> commands = DocumentCommands.in(TOUR, List.of("vmlog", "cat "));
    assertThat(commands).hasSize(5);
    List<ProgramProcess> daemons = new ArrayList<>();
    try (PrivateBus bus = PrivateBus.create().start()) {
      prepare(bus);
      StringBuilder output = new StringBuilder();
      for (String command : commands) {
        if (command.endsWith(" &\n")) {
          daemons.add(shell.start(command.replace(" &\n", "")));
        } else {
          output.append(shell.run(command.replace("/var/log/vmlog/", folder + "/logs/")));
        }
      }
      // What the document shows after its commands, and nothing else.
      assertThat(withoutTimes(output.toString()))
          .isEqualTo(withoutTimes(String.join("", shown(TOUR))));
      assertThat(folder.resolve("logs/@realms/tests")).doesNotExist();
    } finally {
      daemons.forEach(ProgramProcess::close);
    }
  }

  @Test
  void reference_itsCalls_areTaken() throws Exception {
    assumeTrue(ShellCommand.exists("busctl"), "busctl is missing (Debian package systemd)");
    List<String> commands = DocumentCommands.in(REFERENCE, List.of("busctl "));
    assertThat(commands).hasSizeGreaterThan(4);
    Path sinks = Files.createDirectories(folder.resolve("run/shop"));
    try (PrivateBus bus = PrivateBus.create().start()) {
      prepare(bus);
      try (ProgramProcess realmd = shell.start("vmlog-realmd")) {
        for (String command : commands) {
          String said = shell.run(command.replace("/run/shop", sinks.toString()));
          if (command.contains(" ListRealms")) {
            assertThat(said).contains("\"realm\" as 1 \"shop\"");
          }
        }
        assertThat(realmd.isAlive()).isTrue();
      }
    }
    assertThat(sinks).isEmptyDirectory();
  }

  /** The programs as if installed, with what would be on this host in the test's folder. */
  private void prepare(PrivateBus bus) throws IOException {
    TestHost host = new TestHost(folder).with("[dbus]\naddress = \"system\"");
    Path realmd =
        Files.writeString(
            folder.resolve("realmd.toml"),
            """
            [access]
            group = false
            [sinks]
            directory = "%s"
            group = false
            """
                .formatted(folder.resolve("sinks")));
    shell = new ShellCommand().with("DBUS_SYSTEM_BUS_ADDRESS", bus.address());
    program("vmlog", "VmlogCommand", "");
    program("vmlog-forwarder", "ForwarderCommand", " --config " + host.config());
    program("vmlog-realmd", "RealmdCommand", " --config " + realmd);
  }

  private void program(String name, String main, String options) throws IOException {
    String java = ProgramProcess.shellCommand("org.vmlog.cli." + main);
    shell.withProgram(folder, name, "exec " + java + options + " \"$@\"");
  }

  /** What the commands are said to print. */
  private static List<String> shown(Path document) throws IOException {
    return DocumentCommands.in(document, List.of("<", "cart: "));
  }

  private static String withoutTimes(String lines) {
    return lines.replaceAll("(<\\d+>)\\w{3} [ \\d]\\d [\\d:]{8} ", "$1 ");
  }
}
