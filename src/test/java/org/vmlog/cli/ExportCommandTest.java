package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.testing.ShellCommand;

/** {@code vmlog export} as it is typed, and what systemd's own programs make of it. */
final class ExportCommandTest {
  private static final Path JOURNAL_REMOTE = Path.of("/lib/systemd/systemd-journal-remote");

  @TempDir Path folder;
  private VmlogRun vmlog;
  private Path logs;

  @BeforeEach
  void write() throws IOException {
    logs = folder.resolve("logs");
    ShownLogs.write(logs);
    vmlog = new VmlogRun(logs);
  }

  @Test
  void json_ofAll_isWhatTailHasOfAll() {
    String json = vmlog.run("tail", "-n", "all", "-o", "json").out();
    assertThat(json.lines()).hasSize(9);
    assertThat(out("export")).isEqualTo(json);
    assertThat(out("export", "-o", "json")).isEqualTo(json);
  }

  @Test
  void plain_ofAll_hasTheYearAndTheVm() {
    assertThat(out("export", "--output=plain", "web-1", "-perr"))
        .isEqualTo("2026-11-21T11:58:00+00:00 alice/web-1 sshd[312]: error: Kex\n");
    assertThat(out("export", "-o", "plain")).isEqualTo(vmlog.run("-nall", "-oshort-iso").out());
  }

  @Test
  void journal_isTheFormatOfJournalctl() throws IOException {
    Files.writeString(logs.resolve("alice/web-1.log"), ShownLogs.WEB[1] + "\n");
    Files.writeString(
        logs.resolve("bob/db-1.log"), "<14>Nov 21 11:00:01 db-1 x[9]: a\tb\u0001c\u202e\n");
    String binary = "MESSAGE\n\u0008\0\0\0\0\0\0\0a\tb\u0001c\u202e\n".replace("\u0008", "\u0008");
    assertThat(out("export", "-o", "journal", "!old*"))
        .isEqualTo(
            """
            __REALTIME_TIMESTAMP=1795258800000000
            PRIORITY=6
            SYSLOG_FACILITY=1
            SYSLOG_IDENTIFIER=sshd
            SYSLOG_PID=312
            MESSAGE=Accepted publickey
            VM_OWNER=alice
            VM_NAME=web-1
            VM_CHANNEL=user
            _HOSTNAME=web-1
            _BOOT_ID=77c9030dbfef3140b37a8b1adb38f402

            __REALTIME_TIMESTAMP=1795258801000000
            PRIORITY=6
            SYSLOG_FACILITY=1
            SYSLOG_IDENTIFIER=x
            SYSLOG_PID=9
            """
                + binary
                + """
                VM_OWNER=bob
                VM_NAME=db-1
                VM_CHANNEL=user
                _HOSTNAME=db-1
                _BOOT_ID=3d84f3f04e6a3529928a960cf2128ef1

                """);
    assertThat(out("-nall", "-oexport", "!old*")).isEqualTo(out("export", "-ojournal", "!old*"));
  }

  /** systemd 255 and later refuse an entry without one. */
  @Test
  void journal_vmBootsAgain_hasAnotherBootIdFromThereOn() throws IOException {
    Files.writeString(
        logs.resolve("alice/web-1.log"),
        """
        <14>Nov 21 11:00:00 web-1 app: before
        <6>Nov 21 11:00:01 web-1 kernel: Linux version 6.1.0
        <14>Nov 21 11:00:02 web-1 app: after
        """);
    List<String> boots =
        out("export", "-o", "journal", "web-1")
            .lines()
            .filter(line -> line.startsWith("_BOOT_ID="))
            .toList();
    assertThat(boots).hasSize(3).allMatch(line -> line.matches("_BOOT_ID=[0-9a-f]{32}"));
    assertThat(boots.get(1)).isNotEqualTo(boots.get(0)).isEqualTo(boots.get(2));
    assertThat(out("export", "-o", "journal", "web-1").lines())
        .filteredOn(line -> line.startsWith("_BOOT_ID="))
        .isEqualTo(boots);
  }

  @Test
  void journal_isReadBySystemdJournalRemote() throws Exception {
    assumeTrue(
        Files.isExecutable(JOURNAL_REMOTE),
        "systemd-journal-remote is missing (Debian package systemd-journal-remote)");
    Path file = folder.resolve("vms.export");
    Path journal = folder.resolve("vms.journal");
    assertThat(out("export", "-o", "journal", "--file", file.toString())).isEmpty();
    String unused = new ShellCommand().run(JOURNAL_REMOTE + " -o " + journal + " " + file);

    String read = "TZ=UTC journalctl -q --no-pager --file " + journal;
    assertThat(new ShellCommand().run(read + " -o short-iso VM_OWNER=alice").lines())
        .containsExactly(
            "2026-11-21T09:00:00+0000 web-1 kernel: Booting Linux",
            "2026-11-21T11:00:00+0000 web-1 sshd[312]: Accepted publickey",
            "2026-11-21T11:58:00+0000 web-1 sshd[312]: error: Kex",
            "2026-11-21T11:58:10+0000 web-1 crosvm[77]: virtio-blk: slow",
            "2026-11-21T11:59:00+0000 web-1 forwarder: 3 records dropped (rate limit)");
    assertThat(new ShellCommand().run(read + " -o cat -p err -t sshd").lines())
        .containsExactly("error: Kex");
    assertThat(new ShellCommand().run(read + " -a -o cat VM_NAME=db-1 -p emerg"))
        .isEqualTo("\u202eevil \u001b[2J\n");
    assertThat(new ShellCommand().run(read + " -o cat").lines()).hasSize(9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "-S;11:59;*;forwarder: 3 records dropped (rate limit)",
        "--since=11:59;*;!none;forwarder: 3 records dropped (rate limit)",
        "-U;2026-01-01;*;systemd[1]: Started",
        "--until=2026-01-01;*;!none;systemd[1]: Started",
        "-p;warning..err;web-1;"
            + "sshd[312]: error: Kex|crosvm[77]: virtio-blk: slow|"
            + "forwarder: 3 records dropped (rate limit)",
        "-t;crosvm;*;crosvm[77]: virtio-blk: slow",
        "-k;*;!none;kernel: Booting Linux",
        "--channel=vmm;*;!none;crosvm[77]: virtio-blk: slow",
        "-g;K.x;*;sshd[312]: error: Kex",
        "-ig;k.X;*;sshd[312]: error: Kex",
        "-vg;[:t];*;\u202eevil \u001b[2J",
      })
  void lines_areThoseThatAreMeant(String first, String second, String third, String lines) {
    String out = out("export", "-o", "plain", first, second, third);
    assertThat(
            out.lines().map(line -> line.replaceFirst("\\S+ (alice|bob)/(web-1|db-1|old vm) ", "")))
        .containsExactly(lines.split("\\|"));
  }

  @Test
  void file_isNewAndOfNobodyElse() throws IOException {
    Path file = folder.resolve("export.json");
    assertThat(out("export", "--file=" + file)).isEmpty();
    assertThat(Files.readString(file)).isEqualTo(out("export"));
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    VmlogRun.Result again = vmlog.run("export", "--file=" + file, "web-1");
    assertThat(again.code()).isEqualTo(ExitCode.USAGE);
    assertThat(again.err()).isEqualTo(file + " is there already; allowed is a new file\n");
    assertThat(Files.readString(file)).isEqualTo(out("export"));
  }

  @Test
  void file_thatCannotBeMadeWhole_isNotThere() {
    VmlogRun.Result nowhere = vmlog.run("export", "--file=" + folder + "/none/x");
    assertThat(nowhere.code()).isEqualTo(ExitCode.NO_INPUT);
    assertThat(vmlog.run("export", "nobody").code()).isEqualTo(ExitCode.NO_INPUT);
    assertThat(vmlog.run("export", "nobody", "--file=" + folder + "/x").code())
        .isEqualTo(ExitCode.NO_INPUT);
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void bundle_isAnArchiveOfTheLinesAndWhatTheDoctorSays() throws Exception {
    Path file = folder.resolve("bundle.tar.gz");
    assertThat(out("export", "-o", "plain", "--bundle=" + file, "web-1")).isEmpty();

    ShellCommand shell = new ShellCommand();
    assertThat(shell.run("TZ=UTC tar tvzf " + file).lines())
        .satisfiesExactly(
            line ->
                assertThat(line).matches("-rw------- 0/0 +\\d+ 2026-11-21 12:00 vmlog/doctor.txt"),
            line ->
                assertThat(line).matches("-rw------- 0/0 +\\d+ 2026-11-21 12:00 vmlog/logs.plain"));
    assertThat(shell.run("tar xzOf " + file + " vmlog/logs.plain"))
        .isEqualTo(out("export", "-o", "plain", "web-1"));
    assertThat(shell.run("tar xzOf " + file + " vmlog/doctor.txt").lines())
        .hasSize(21)
        .first()
        .asString()
        .contains("configuration");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("logs", "bundle.tar.gz");
    assertThat(vmlog.run("export", "--bundle=" + file, "--file=x").code())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void terminal_getsNothingThatActsOnIt() {
    vmlog.onTerminal();
    for (String format : List.of("json", "journal", "plain")) {
      assertThat(out("export", "-o", format)).doesNotContain("\u001b", "\u202e");
    }
  }

  private String out(String... arguments) {
    VmlogRun.Result result = vmlog.run(arguments);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out();
  }
}
