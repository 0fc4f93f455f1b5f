package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Installation;
import org.vmlog.testing.ShellCommand;

/** {@code vmlog ls}, {@code path} and {@code grep}, as they are typed. */
class LookingCommandsTest {
  @TempDir Path folder;
  @TempDir Path programs;
  private VmlogRun vmlog;

  @BeforeEach
  void write() throws IOException {
    ShownLogs.write(folder);
    vmlog = new VmlogRun(folder);
  }

  @Test
  void ls_listsLogsWithWhatTheyTake() {
    assertThat(
            out("ls")
                .lines()
                .map(line -> line.replaceAll("  +", "|").replaceAll("\\|[^|]*:00\\|", "|T|")))
        .containsExactly(
            "VM|FILES|SIZE|LAST WRITTEN|LOG",
            "alice/web-1|1|274 B|T|" + folder + "/alice/web-1.log",
            "bob/db-1|1|301 B|T|" + folder + "/bob/db-1.log",
            "bob/old vm|1|" + gzipBytes() + " B|T|" + folder + "/bob/old%20vm.log");
    assertThat(out("ls", "*/*1", "!db*").lines()).hasSize(2);
  }

  @Test
  void times_areInTheReadersZone_orInUtc_toTheMicrosecond() {
    vmlog.inZone(ZoneId.of("Asia/Tokyo"));
    assertThat(out("db-1", "-n", "1", "-o", "short-iso", "-g", "ready"))
        .startsWith("2026-11-21T20:58:05+09:00 ");
    for (String command : new String[] {"tail -g", "grep"}) {
      String[] words = (command + " ready db-1 --utc -o short-precise").split(" ", -1);
      assertThat(out(words)).isEqualTo("Nov 21 11:58:05.123456 postgres[9]: ready\n");
    }
    assertThat(out("last-words", "--utc", "db-1")).contains("Nov 21 11:58:0");
    assertThat(out("grep", "ready", "db-1", "-o", "cat")).isEqualTo("ready\n");
  }

  @Test
  void tail_withoutLines_saysSoToATerminalAlone() {
    assertThat(out("web-1", "-g", "nowhere")).isEmpty();
    assertThat(vmlog.onTerminal().run("web-1", "-g", "nowhere").err())
        .isEqualTo("-- no lines --\n");
  }

  @Test
  void grep_hasGrepsHabits() {
    String all = out("grep", "-e", "ready", "-e", "Kex", "-o", "cat");
    assertThat(all.lines()).isNotEmpty().allMatch(line -> line.matches(".*(ready|Kex).*"));
    assertThat(all).isEqualTo(out("grep", "ready|Kex", "-o", "cat"));
    assertThat(out("grep", "-m", "1", "-e", "ready", "-e", "Kex", "-o", "cat"))
        .isEqualTo(all.lines().findFirst().orElseThrow() + "\n");
    assertThat(out("grep", "-q", "ready")).isEmpty();
    assertThat(vmlog.run("grep", "-q", "no such words").code()).isEqualTo(1);
    assertThat(vmlog.run("grep", "-w", "read").code()).isEqualTo(1);
    assertThat(out("grep", "-w", "-e", "ready", "*")).isEqualTo(out("grep", "ready"));
  }

  @ParameterizedTest
  @CsvSource({"-s,db-1", "--size,db-1", "-t,old vm", "--time,old vm"})
  void ls_inAnotherOrder_hasThisVmFirst(String option, String first) throws IOException {
    Files.setLastModifiedTime(folder.resolve("bob/old%20vm.log.2.gz"), FileTime.from(VmlogRun.NOW));
    assertThat(out("ls", option).lines().skip(1).findFirst().orElseThrow()).contains(first);
  }

  @ParameterizedTest
  @CsvSource({"-ojson", "--output=json"})
  void ls_asJson_isAnObjectALine(String option) {
    assertThat(out("ls", option, "web-1"))
        .isEqualTo(
            "{\"owner\":\"alice\",\"name\":\"web-1\",\"files\":1,\"bytes\":274,"
                + "\"modified\":1795262340000000,\"log\":\""
                + folder
                + "/alice/web-1.log\"}\n");
  }

  @Test
  void path_isOfTheFileThatIsWrittenTo() throws IOException {
    assertThat(out("path", "web-1")).isEqualTo(folder + "/alice/web-1.log\n");
    assertThat(out("path", "bob/*"))
        .isEqualTo(folder + "/bob/db-1.log\n" + folder + "/bob/old%20vm.log\n");
    Files.createFile(folder.resolve("alice/web-1.log.1"));
    Files.createFile(folder.resolve("alice/web-1.log.2.gz"));
    for (String all : new String[] {"-a", "--all"}) {
      assertThat(out("path", all, "web-1").lines().map(path -> Path.of(path).getFileName()))
          .hasToString("[web-1.log.2.gz, web-1.log.1, web-1.log]");
    }
  }

  @Test
  void path_ofNoVm_exits66() {
    VmlogRun.Result none = vmlog.run("path", "nobody");
    assertThat(none.code()).isEqualTo(ExitCode.NO_INPUT);
    assertThat(none.out()).isEmpty();
    assertThat(vmlog.run("path").code()).isEqualTo(ExitCode.USAGE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "e.dy;*;-p7;Nov 21 11:58:05 bob/db-1 postgres[9]: ready",
        "-F;[9]: r;*;Nov 21 11:58:05 bob/db-1 postgres[9]: ready",
        "--fixed-strings;[9]: r;-p7;Nov 21 11:58:05 bob/db-1 postgres[9]: ready",
        "-i;READY;*;Nov 21 11:58:05 bob/db-1 postgres[9]: ready",
        "--ignore-case;READY;*;Nov 21 11:58:05 bob/db-1 postgres[9]: ready",
        "-v;[:t];*;Nov 21 11:58:06 bob/db-1 \u202eevil \u001b[2J",
        "--invert-match;[:t];*;Nov 21 11:58:06 bob/db-1 \u202eevil \u001b[2J",
        "-c;sshd;*;alice/web-1: 2",
        "--count;e;!web*;bob/db-1: 2|bob/old vm: 1",
        "-l;sshd;*;alice/web-1",
        "--list;ready;*;bob/db-1",
        "ssh;-perr;web-1;Nov 21 11:58:00 sshd[312]: error: Kex",
        "e;-S2m;-tforwarder;Nov 21 11:59:00 alice/web-1 forwarder: 3 records dropped (rate limit)",
        "i;-k;web-1;Nov 21 09:00:00 kernel: Booting Linux",
        "ssh;-oshort-iso;-perr;2026-11-21T11:58:00+00:00 alice/web-1 sshd[312]: error: Kex",
      })
  void grep_eachOption_findsTheseLines(String first, String second, String third, String lines) {
    VmlogRun.Result result = vmlog.run("grep", first, second, third);
    assertThat(result.out()).isEqualTo(lines.replace('|', '\n') + "\n");
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"([^\"\\\\]|\\\\.)*\"", "(x+x+)+y", "(x|xx)*$"})
  void grep_ofWhatMakesOtherMatchersBacktrack_ends(String regex) throws IOException {
    String line = "<14>Nov 21 11:00:00 long-1 app: \"" + "x".repeat(12_000) + "\"";
    Files.writeString(folder.resolve("alice/long-1.log"), line + "\n");
    for (String[] typed : new String[][] {{"grep", "-v"}, {"tail", "--grep"}}) {
      VmlogRun.Result result = vmlog.run(typed[0], typed[1], regex, "long-1");
      assertThat(result.err()).isEmpty();
    }
    assertThat(vmlog.run("tail", "--color=always", "--highlight", regex, "long-1").code()).isZero();
  }

  @Test
  void memory_thatIsUsedUp_isSaidInOneLine() {
    VmlogRun full =
        vmlog
            .copy()
            .withClock(
                () -> {
                  throw new OutOfMemoryError("Java heap space");
                });
    for (String[] typed : new String[][] {{"grep", "e"}, {"tail"}}) {
      VmlogRun.Result result = full.run(typed);
      assertThat(result.err()).isEqualTo("cannot go on: out of memory\n");
      assertThat(result.code()).isEqualTo(ExitCode.IO);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tail",
        "grep e",
        "grep -c e",
        "grep -l e",
        "ls",
        "ls -o json",
        "path *",
        "export",
        "doctor",
        "--help",
        "--version",
        "help grep",
        "tail --help",
        "vm --help",
      })
  void anyCommand_whenStdoutIsFull_saysSoInOneLineAndExits74(String typed) {
    VmlogRun.Result result = vmlog.copy().toOutput(new Full()).run(typed.split(" "));
    assertThat(result.err()).isEqualTo("cannot write to stdout: No space left on device\n");
    assertThat(result.code()).isEqualTo(ExitCode.IO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"vmlog ls", "vmlog-forwarder --version", "vmlog-ship --help", "vmlog-realmd -V"})
  void anyProgram_toDevFull_saysSoInOneLineAndExits74(String typed) throws Exception {
    Path bin = Installation.in(programs).program("");

    String said =
        new ShellCommand()
            .with("VMLOG_DIRECTORY", folder.toString())
            .run(bin + "/" + typed + " 2>&1 >/dev/full; echo $?");
    assertThat(said).isEqualTo("cannot write to stdout: No space left on device\n74\n");
  }

  @Test
  void cursorFile_whenStdoutIsFull_staysWhereItWas() throws IOException {
    Path cursor = folder.resolve("seen");
    String[] typed = {"-n", "all", "-o", "json", "--cursor-file=" + cursor};
    assertThat(vmlog.copy().toOutput(new Full()).run(typed).code()).isEqualTo(ExitCode.IO);
    assertThat(cursor).doesNotExist();

    assertThat(out(typed).lines()).hasSize(9);
    String before = Files.readString(cursor);
    Files.writeString(
        folder.resolve("alice/web-1.log"),
        "<14>Nov 21 11:59:30 web-1 a: 1\n<14>Nov 21 11:59:31 web-1 a: 2\n",
        StandardOpenOption.APPEND);
    assertThat(vmlog.copy().toOutput(new Full()).run(typed).code()).isEqualTo(ExitCode.IO);
    assertThat(cursor).hasContent(before);

    assertThat(out("-n", "1", "--cursor-file=" + cursor))
        .isEqualTo("Nov 21 11:59:31 alice/web-1 a: 2\n");
    assertThat(out(typed)).isEmpty();
  }

  /** Like /dev/full. */
  private static final class Full extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("No space left on device");
    }
  }

  @Test
  void grep_looksInWhatTheGuestWroteAlone() {
    VmlogRun.Result none = vmlog.run("grep", "web-1");
    assertThat(none.out()).isEmpty();
    assertThat(none.code()).isEqualTo(1);
  }

  @Test
  void file_thatIsBroken_isNamedAndTheRestIsShown() throws IOException {
    Path broken = Files.writeString(folder.resolve("bob/db-1.log.1.gz"), "this is no gzip");
    VmlogRun.Result result = vmlog.run("grep", "ready");
    assertThat(result.code()).isEqualTo(ExitCode.IO);
    assertThat(result.err())
        .isEqualTo(broken + " is left out, from where it cannot be read: is no gzip file\n");
    assertThat(result.out().lines()).hasSize(1);
  }

  @Test
  void folder_thatMayNotBeRead_isNamedAndTheRestIsShown() throws IOException {
    assumeFalse("root".equals(System.getProperty("user.name")), "root may read everything");
    Files.setPosixFilePermissions(
        folder.resolve("bob"), PosixFilePermissions.fromString("---------"));
    VmlogRun.Result result = vmlog.run("ls");
    assertThat(result.code()).isEqualTo(ExitCode.NO_PERMISSION);
    assertThat(result.err())
        .isEqualTo(folder + "/bob is left out, from where it cannot be read: permission denied\n");
    assertThat(result.out().lines()).hasSize(2);
    Files.setPosixFilePermissions(
        folder.resolve("bob"), PosixFilePermissions.fromString("rwx------"));
  }

  private long gzipBytes() {
    try {
      return Files.size(folder.resolve("bob/old%20vm.log.2.gz"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String out(String... arguments) {
    VmlogRun.Result result = vmlog.run(arguments);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out();
  }
}
