package org.vmlog.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units, by systemd's own tools. */
final class SystemdUnitsTest {
  private static final Path UNITS = Path.of("packaging/systemd");
  private static final String SERVICE = "vmlog-forwarder.service";
  private static final String GUEST_SERVICE = "vm-syslog.service";

  @TempDir Path folder;

  @BeforeEach
  void needsSystemd() {
    assumeTrue(
        Files.exists(Path.of("/usr/bin/systemd-analyze")),
        "systemd-analyze is missing (Debian package systemd)");
  }

  @ParameterizedTest
  @ValueSource(strings = {SERVICE, "vmlog-realmd.service"})
  void exposure_asShipped_isAtMostSixTenths(String service) throws Exception {
    Files.copy(UNITS.resolve(service), folder.resolve(service));

    assertThat(exposure(service, 6)).contains("Overall exposure level");
  }

  @Test
  void exposure_withTheDropInForTcp_isAtMostThirteenTenths() throws Exception {
    Files.copy(UNITS.resolve(SERVICE), folder.resolve(SERVICE));
    Path dropIns = Files.createDirectory(folder.resolve(SERVICE + ".d"));
    Files.copy(UNITS.resolve("tcp/tcp.conf"), dropIns.resolve("tcp.conf"));

    assertThat(exposure(SERVICE, 13)).contains("Overall exposure level");
  }

  /** A network is what costs it. */
  @Test
  void exposure_ofTheShipper_isAtMostElevenTenths() throws Exception {
    String unit = "vmlog-ship.service";
    Files.copy(UNITS.resolve(unit), folder.resolve(unit));

    assertThat(exposure(unit, 11)).contains("Overall exposure level");
  }

  /**
   * What faces guests has no network, and no client of anything that has, nor what draws on
   * terminals.
   */
  @Test
  void forwarder_hasNoNetworkAndNoKafka() throws Exception {
    assertThat(Files.readAllLines(UNITS.resolve(SERVICE)))
        .contains("PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX AF_VSOCK");
    assertThat(Files.readString(Path.of("packaging/assembly.xml")))
        .contains("<exclude>org.apache.kafka:*</exclude>", "<exclude>org.jline:*</exclude>");
    assertThat(Files.readString(Path.of("packaging/bin/vmlog-forwarder")))
        .doesNotContain("ship-lib", "screen-lib");
  }

  /** It reads /dev/kmsg, for which it needs a capability and devices. */
  @Test
  void exposure_ofTheGuestsUnit_isAtMostSeventeenTenths() throws Exception {
    Files.copy(UNITS.resolve(GUEST_SERVICE), folder.resolve(GUEST_SERVICE));

    assertThat(exposure(GUEST_SERVICE, 17)).contains("Overall exposure level");
  }

  /** systemd.service(5): Sockets= starts what it names with the service, enabled or not. */
  @Test
  void services_startNoSocketThatIsNotEnabled() throws Exception {
    assertThat(Files.readAllLines(UNITS.resolve(SERVICE)))
        .noneMatch(line -> line.startsWith("Sockets="));
    assertThat(Files.readAllLines(UNITS.resolve(GUEST_SERVICE)))
        .filteredOn(line -> line.startsWith("Sockets="))
        .containsExactly("Sockets=syslog.socket");
  }

  @Test
  void units_all_areUnderstoodBySystemd() throws Exception {
    List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
    try (Stream<Path> units = Files.list(UNITS)) {
      for (Path unit : units.filter(Files::isRegularFile).toList()) {
        // The program need not be installed here; anything else that is wrong is said.
        String text = Files.readString(unit).replaceAll("/usr/bin/(vm\\S+)", "/bin/true");
        command.add(Files.writeString(folder.resolve(unit.getFileName()), text).toString());
      }
    }

    assertThat(run(command)).isEmpty();
  }

  /** For want of memory above all: started again at once, however often. */
  @Test
  void service_thatFails_isStartedAgainAtOnce() throws Exception {
    assertThat(Files.readAllLines(UNITS.resolve(SERVICE)))
        .contains("Restart=on-failure", "RestartSec=100ms", "StartLimitIntervalSec=0")
        .contains("RestartPreventExitStatus=64 66 77 78"); // not 3, which is out of memory
  }

  /** systemd-analyze fails above the threshold, which is in tenths. */
  private String exposure(String unit, int threshold) throws Exception {
    return run(
        List.of(
            "systemd-analyze",
            "security",
            "--offline=true",
            "--no-pager",
            "--threshold=" + threshold,
            folder.resolve(unit).toString()));
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
