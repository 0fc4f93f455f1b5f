package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.DocumentCommands;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.ShellCommand;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmlogProcess;

/**
 * Runs every command of docs/launchers.md that is ours, or speaks to us, one after the other as
 * they stand there, by a shell. Where a VMM would run is a stand-in that looks whether its VM is
 * live.
 */
final class LaunchersDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/launchers.md");

  /** Ours, and those that anybody may have. */
  private static final List<String> RUN = List.of("vmlog ", "busctl ", "logger ");

  private static final List<String> VMMS =
      List.of("firecracker", "cloud-hypervisor", "qemu-system-x86_64", "crosvm");

  @TempDir Path folder;

  @Test
  void commands_ofTheDocument_doWhatTheySay() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(ShellCommand.exists("busctl"), "busctl is missing (Debian package systemd)");
    assumeTrue(ShellCommand.exists("logger"), "logger is missing (Debian package bsdutils)");
    ShellCommand shell = new ShellCommand();
    Path live = folder.resolve("run/vm/alice/web-1.grpc");
    for (String vmm : VMMS) {
      shell.withProgram(folder, vmm, "test -S " + live + " && echo " + vmm + " runs");
    }
    shell.withProgram(folder, "vmlog", "exec " + VmlogProcess.shellCommand() + " \"$@\"");
    try (PrivateBus bus = PrivateBus.create().start();
        ForwarderProcess forwarder =
            new TestHost(folder)
                .with("[dbus]\naddress = \"" + bus.address() + "\"")
                .start()
                .awaitOnBus()) {
      shell.with("DBUS_SYSTEM_BUS_ADDRESS", bus.address());
      StringBuilder output = new StringBuilder();
      List<String> commands = DocumentCommands.in(DOCUMENT, RUN);
      assertThat(commands).hasSizeGreaterThan(14);
      for (String command : commands) {
        boolean logs = command.startsWith("logger ");
        if (logs) { // it speaks of a VM that is live
          output.append(shell.run("vmlog vm start alice/web-1"));
        }
        output.append(shell.run(here(command)));
        if (logs) {
          output.append(shell.run("vmlog vm stop alice/web-1"));
        }
      }

      assertThat(output).contains(VMMS.stream().map(vmm -> vmm + " runs\n").toList());
      assertThat(shell.run("vmlog vm list").lines()).hasSize(1); // none was left
      forwarder.awaitLog("VM alice/web-2 ");
    }
    // It was rotated, too.
    assertThat(LogFiles.lines(folder.resolve("logs/alice/web-1.log")))
        .filteredOn(line -> !line.contains(" forwarder: VM started (generation "))
        .singleElement(InstanceOfAssertFactories.STRING)
        .endsWith(" firecracker: about to boot");
  }

  /** The same in this test's folder, where there is what the command takes for granted. */
  private String here(String command) throws IOException {
    for (String path :
        List.of("fc/web-1", "jailer/firecracker/web-2/root", "ch/web-1", "qemu/web-2")) {
      Files.createDirectories(folder.resolve("run").resolve(path));
    }
    return command
        .replace("/run/vmlog/", folder + "/run/")
        .replace("=/run/", "=" + folder + "/run/");
  }
}
