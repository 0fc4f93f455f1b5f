package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vmlog.testing.ShellCommand;
import picocli.CommandLine.TypeConversionException;

/** What {@code vmlog vm start --print-launch} prints is what docs/launchers.md shows. */
class LauncherTest {
  private static final String CONSOLE = "/run/vmlog/vm/alice/web-1.console";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Launcher.class)
  void lines_ofEachLauncher_standInItsDocument(Launcher launcher) throws IOException {
    boolean hybrid = launcher == Launcher.FIRECRACKER || launcher == Launcher.CLOUD_HYPERVISOR;
    String path =
        launcher == Launcher.FIRECRACKER ? "/run/fc/web-1/v.sock" : "/run/ch/web-1/v.sock";
    Launcher.Vm vm =
        new Launcher.Vm(
            hybrid ? OptionalLong.empty() : OptionalLong.of(42),
            hybrid ? Optional.of(path) : Optional.empty(),
            CONSOLE);
    String printed = "    " + String.join("\n    ", launcher.lines(vm)) + "\n";
    assertThat(Files.readString(Path.of("docs/launchers.md"), UTF_8)).contains(printed);
  }

  @Test
  void lines_ofAnyPath_areOneWordOfAShell() {
    Launcher.Vm vm =
        new Launcher.Vm(
            OptionalLong.empty(), Optional.of("/run/it's/v.sock"), "/run/a b,c.console");
    assertThat(Launcher.CLOUD_HYPERVISOR.lines(vm))
        .contains("--vsock 'cid=3,socket=/run/it'\\''s/v.sock'")
        .contains("| socat -u - 'UNIX-CONNECT:/run/a b\\,c.console'");
    assertThat(Launcher.QEMU.lines(vm))
        .contains(
            "-chardev 'socket,id=vmlog,path=/run/a b,,c.console,reconnect-ms=1000'"
                + " -serial chardev:vmlog");
  }

  @Test
  void lines_withoutVsock_areOfTheConsoleAlone() {
    Launcher.Vm vm = new Launcher.Vm(OptionalLong.empty(), Optional.empty(), CONSOLE);
    for (Launcher launcher : Launcher.values()) {
      assertThat(String.join("\n", launcher.lines(vm)))
          .contains(CONSOLE)
          .doesNotContain("vsock", "forward_to_socket");
    }
  }

  @Test
  void launcher_thatIsNone_isNamedWithThoseThatAre() {
    assertThatThrownBy(() -> new Launcher.Converter().convert("xen"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage(
            "'xen' is no launcher; allowed are qemu, libvirt, cloud-hypervisor, firecracker,"
                + " crosvm, vmspawn");
  }

  /** Without the device, which only a host with vhost-vsock has. */
  @Test
  void lines_ofQemu_areTakenByQemu() throws Exception {
    assumeTrue(ShellCommand.exists("qemu-system-x86_64"), "there is no QEMU");
    Launcher.Vm vm =
        new Launcher.Vm(OptionalLong.of(42), Optional.empty(), folder.resolve("c").toString());
    String options = String.join(" ", Launcher.QEMU.lines(vm));
    String taken =
        options.replaceFirst("-device \\S+ ", "").replace("reconnect-ms=1000", reconnect());
    Process qemu =
        new ProcessBuilder(
                "sh",
                "-c",
                "echo quit | qemu-system-x86_64 -M pc -m 32 -S -nodefaults -display none"
                    + " -monitor stdio "
                    + taken)
            .redirectErrorStream(true)
            .start();
    String said = new String(qemu.getInputStream().readAllBytes(), UTF_8);
    assertThat(qemu.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(qemu.exitValue()).as(said).isZero();
  }

  /** QEMU 9.2 brought the one, and 10.0 has the other no more. */
  private static String reconnect() throws IOException {
    Process help = new ProcessBuilder("qemu-system-x86_64", "--version").start();
    String version = new String(help.getInputStream().readAllBytes(), UTF_8);
    int major = Integer.parseInt(version.replaceAll("(?s)\\D*(\\d+).*", "$1"));
    return major < 10 ? "reconnect=1" : "reconnect-ms=1000";
  }
}
