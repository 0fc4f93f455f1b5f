package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.platform.DatagramListener;
import org.vmlog.platform.PrivateFolder;
import org.vmlog.platform.SocketAccess;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.TestHost;
import picocli.CommandLine;

/** {@code vmlog doctor} as it is typed; what each check finds is another test's. */
final class DoctorCommandTest {
  private record Run(int code, List<String> lines) {}

  @TempDir Path folder;
  private TestHost host;

  @BeforeEach
  void makeHost() throws IOException {
    host = new TestHost(folder);
    Files.createDirectories(folder.resolve("etc"));
    Files.writeString(folder.resolve("etc/group"), "vmlog:x:1:\n");
  }

  @Test
  void doctor_whereNothingIsWrong_exits0() throws Exception {
    SocketAccess access = new SocketAccess(0600, Optional.empty());
    try (PrivateFolder base = PrivateFolder.open(folder, List.of());
        DatagramListener syslog = DatagramListener.bind(base, "syslog", access);
        ForwarderProcess forwarder = host.start()) {
      Run run = run("--config", host.config().toString());
      assertThat(run.lines()).hasSize(21).noneMatch(line -> line.startsWith("wrong"));
      assertThat(run.code()).isZero();
    }
  }

  @Test
  void doctor_whereSomethingIsWrong_saysWhatToDoAndExits1() {
    Run run = run("--config=" + host.config());
    assertThat(run.lines())
        .contains(
            "ok     configuration      " + host.config() + " is right",
            "wrong  log folder         "
                + folder
                + "/logs is missing; systemctl start vmlog-forwarder, which makes it",
            "note   groups             no group vmlog-admin, vmlog-vmm: what would be theirs is the"
                + " forwarder's own; systemd-sysusers vmlog.conf, and start vmlog-forwarder anew");
    assertThat(run.code()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"-ojson", "--output=json"})
  void doctor_asJson_isAnObjectALine(String option) {
    Run run = run("--config", host.config().toString(), option);
    assertThat(run.lines())
        .hasSize(21)
        .contains(
            "{\"check\":\"log folder\",\"level\":\"wrong\",\"found\":\""
                + folder
                + "/logs is missing\",\"advice\":\"systemctl start vmlog-forwarder, which makes"
                + " it\"}");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void doctor_withAHostilePath_printsItHarmlessly() {
    Run run = run("--config", folder.resolve("\u001b[2J").toString());
    assertThat(run.lines().get(0)).contains("#033[2J").doesNotContain("\u001b");
  }

  private Run run(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine doctor = new CommandLine(new DoctorCommand(Session.ofProcess(), folder));
    doctor.setOut(new PrintWriter(out, true));
    int code = doctor.execute(arguments);
    return new Run(code, out.toString().lines().toList());
  }
}
