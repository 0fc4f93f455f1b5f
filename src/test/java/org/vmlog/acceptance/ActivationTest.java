package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Launcher;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/** Nothing runs; the bus starts the forwarder for the first who announces a VM. */
final class ActivationTest {
  private static final Path SERVICE = Path.of("packaging/dbus/org.vmlog.Forwarder1.service");

  @TempDir Path folder;

  private PrivateBus bus;
  private TestHost host;
  private Path pid;

  @BeforeAll
  static void needsPeers() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    assumeTrue(Launcher.isAvailable(), "GLib for Python is missing (Debian package python3-gi)");
  }

  /** The service's file is the one that is shipped, but for what it executes. */
  @BeforeEach
  void startBus() throws Exception {
    bus = PrivateBus.create();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
    pid = folder.resolve("pid");
    Path program = folder.resolve("start");
    Files.writeString(
        program,
        "#!/bin/sh\necho $$ >%s\nexec %s 2>%s\n"
            .formatted(
                pid,
                String.join(" ", ForwarderProcess.command("--config", host.config().toString())),
                folder.resolve("stderr")));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path services = Files.createDirectory(folder.resolve("services"));
    Files.writeString(
        services.resolve(SERVICE.getFileName()),
        Pattern.compile("^Exec=.*$", Pattern.MULTILINE)
            .matcher(Files.readString(SERVICE))
            .replaceFirst("Exec=" + program));
    bus.with("<servicedir>" + services + "</servicedir>").start();
  }

  @AfterEach
  void endAll() throws Exception {
    if (bus != null) {
      bus.close();
    }
    if (pid != null && Files.exists(pid)) {
      ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
          .ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void registerVm_withoutAForwarder_startsItAndLosesNothing() throws Exception {
    Path datagrams = folder.resolve("crosvm.sock");
    try (Launcher launcher = Launcher.on(bus.address())) {
      launcher.make("dgram", "d", datagrams.toString());
      try (Vmm vmm = Vmm.on(datagrams)) {
        vmm.say("<30>Jan  1 00:00:07 crosvm[1]: before there was a forwarder");
        assertThat(
                launcher.register(
                    "owner", "s", "alice", "name", "s", "web-1", "crosvm_socket", "h", "d"))
            .isEqualTo("ok []");
        vmm.say("<30>Jan  1 00:00:07 crosvm[1]: after");
      }
      Path log = host.log("alice", "web-1");
      Await.until("both are written", () -> LogFiles.lines(log).size() == 2);
      assertThat(LogFiles.lines(log).stream().map(Vmm::withoutTime))
          .containsExactly(
              "<30>web-1 crosvm[1]: before there was a forwarder", "<30>web-1 crosvm[1]: after");
    }
  }
}
