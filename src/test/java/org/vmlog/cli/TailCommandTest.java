package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each option of {@code vmlog tail} shows, as it is typed. */
class TailCommandTest {
  private static final String ESCAPE = "\u001b";

  @TempDir Path folder;
  private VmlogRun vmlog;

  @BeforeEach
  void write() throws IOException {
    ShownLogs.write(folder);
    vmlog = new VmlogRun(folder);
  }

  @Test
  void shortFormat_ofAll_isInTheOrderOfTimeWithNames() {
    assertThat(out("tail"))
        .isEqualTo(
            """
            Dec 31 23:59:59 bob/old vm systemd[1]: Started
            Jan  2 03:04:05 bob/old vm no tag
            Nov 21 09:00:00 alice/web-1 kernel: Booting Linux
            Nov 21 11:00:00 alice/web-1 sshd[312]: Accepted publickey
            Nov 21 11:58:00 alice/web-1 sshd[312]: error: Kex
            Nov 21 11:58:05 bob/db-1 postgres[9]: ready
            Nov 21 11:58:06 bob/db-1 \u202eevil \u001b[2J
            Nov 21 11:58:10 alice/web-1 crosvm[77]: virtio-blk: slow
            Nov 21 11:59:00 alice/web-1 forwarder: 3 records dropped (rate limit)
            """);
    assertThat(out("*")).isEqualTo(out("tail"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "web-1;-n;1;Nov 21 11:59:00 forwarder: 3 records dropped (rate limit)",
        "-n1;[dw]*;!web*;Nov 21 11:58:06 \u202eevil \u001b[2J",
        "--lines=1;bob/*;!db-?;Jan  2 03:04:05 no tag",
        "-t;crosvm;*;Nov 21 11:58:10 alice/web-1 crosvm[77]: virtio-blk: slow",
        "--tag=crosvm;-p;debug;Nov 21 11:58:10 alice/web-1 crosvm[77]: virtio-blk: slow",
        "-k;-p;6;Nov 21 09:00:00 alice/web-1 kernel: Booting Linux",
        "--kernel;-p;6;Nov 21 09:00:00 alice/web-1 kernel: Booting Linux",
        "--channel=forwarder;-p;6;"
            + "Nov 21 11:59:00 alice/web-1 forwarder: 3 records dropped (rate limit)",
        "-p;warning..err;web-1;Nov 21 11:58:00 sshd[312]: error: Kex|"
            + "Nov 21 11:58:10 crosvm[77]: virtio-blk: slow|"
            + "Nov 21 11:59:00 forwarder: 3 records dropped (rate limit)",
        "--priority=err;web-1;db-1;Nov 21 11:58:00 alice/web-1 sshd[312]: error: Kex|"
            + "Nov 21 11:58:06 bob/db-1 \u202eevil \u001b[2J",
        "-S;90s;*;Nov 21 11:59:00 alice/web-1 forwarder: 3 records dropped (rate limit)",
        "--since=11:59;-U;now;Nov 21 11:59:00 alice/web-1 forwarder: 3 records dropped"
            + " (rate limit)",
        "-U;2026-01-01;*;Dec 31 23:59:59 bob/old vm systemd[1]: Started",
        "--until=2026-01-01;-p;7;Dec 31 23:59:59 bob/old vm systemd[1]: Started",
        "-g;K.x;*;Nov 21 11:58:00 alice/web-1 sshd[312]: error: Kex",
        "--grep=kex;-i;*;Nov 21 11:58:00 alice/web-1 sshd[312]: error: Kex",
        "-g;kex;--ignore-case;Nov 21 11:58:00 alice/web-1 sshd[312]: error: Kex",
        "-vg;[:t];*;Nov 21 11:58:06 bob/db-1 \u202eevil \u001b[2J",
        "--invert-match;-g;[:t];Nov 21 11:58:06 bob/db-1 \u202eevil \u001b[2J",
        "-o;short-iso;old*;2025-12-31T23:59:59+00:00 systemd[1]: Started|"
            + "2026-01-02T03:04:05+00:00 no tag",
        "--output=raw;old*;-n1;Jan  2 03:04:05 <13>  VM(42): no tag",
        "--template={iso} {severity} {channel}/{tag}/{pid} {cid};-n1;db-1;"
            + "2026-11-21T11:58:06.000000+00:00 emerg user// 43",
        "--template={owner}{{{name}} {vm} {facility} {message};-p0;db-1;"
            + "bob{db-1} bob/db-1 1 \u202eevil \u001b[2J",
        "--template={time} {content};-g;Kex;Nov 21 11:58:00 sshd[312]: error: Kex",
        "--raw;-n1;web-1;<44>Nov 21 11:59:00 web-1 forwarder: 3 records dropped (rate limit)",
      })
  void option_ofEachKind_showsTheseLines(String first, String second, String third, String lines) {
    VmlogRun.Result result = vmlog.run(first, second, third);
    assertThat(result.out()).isEqualTo(lines.replace('|', '\n') + "\n");
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
  }

  @Test
  void channels_withCommas_areAllMeant() {
    assertThat(out("--channel=vmm,kernel").lines()).hasSize(2);
    assertThat(out("-k", "--channel=vmm").lines()).hasSize(2);
  }

  @Test
  void json_ofEachFormat_hasJournalctlsNames() {
    assertThat(out("-o", "json", "-n1"))
        .isEqualTo(
            """
            {"__REALTIME_TIMESTAMP":"1767323045000000","PRIORITY":"5","SYSLOG_FACILITY":"1",\
            "MESSAGE":"no tag","VM_OWNER":"bob","VM_NAME":"old vm","VM_CID":"42",\
            "VM_CHANNEL":"user"}
            {"__REALTIME_TIMESTAMP":"1795262286000000","PRIORITY":"0","SYSLOG_FACILITY":"1",\
            "MESSAGE":"\\u202eevil \\u001b[2J","VM_OWNER":"bob","VM_NAME":"db-1","VM_CID":"43",\
            "VM_CHANNEL":"user"}
            {"__REALTIME_TIMESTAMP":"1795262340000000","PRIORITY":"4","SYSLOG_FACILITY":"5",\
            "SYSLOG_IDENTIFIER":"forwarder","MESSAGE":"3 records dropped (rate limit)",\
            "VM_OWNER":"alice","VM_NAME":"web-1","VM_CHANNEL":"forwarder"}
            """);
    assertThat(out("-o", "json", "-t", "postgres"))
        .contains("\"SYSLOG_IDENTIFIER\":\"postgres\",\"SYSLOG_PID\":\"9\"", "123456\"");
  }

  @Test
  void raw_ofEachFormat_isTheLine() {
    assertThat(out("-o", "raw", "web-1")).isEqualTo(String.join("\n", ShownLogs.WEB) + "\n");
    assertThat(out("-o", "raw", "db-1")).isEqualTo(String.join("\n", ShownLogs.DB) + "\n");
    assertThat(out("-o", "raw", "old vm")).isEqualTo(String.join("\n", ShownLogs.OLD) + "\n");
  }

  @Test
  void terminal_ofHostileLines_getsThemEscaped() {
    vmlog.onTerminal();
    String evil = "#{20056}evil #033[2J";
    for (String format : new String[] {"short", "short-iso", "raw", "json"}) {
      String out = out("--color=never", "-p0", "-o", format);
      assertThat(out).doesNotContain(ESCAPE, "\u202e");
      assertThat(out.contains(evil)).isEqualTo(!format.equals("json"));
    }
    assertThat(out("--color=never", "-p0", "--template={message}{raw}{content}"))
        .doesNotContain(ESCAPE, "\u202e");
  }

  @Test
  void raw_toATerminal_needsYes() {
    vmlog.onTerminal();
    VmlogRun.Result refused = vmlog.run("--raw");
    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).startsWith("--raw to a terminal");
    assertThat(out("--raw", "--yes", "-p0")).isEqualTo(ShownLogs.DB[1] + "\n");
  }

  @Test
  void colour_isOnTerminalsUnlessItIsSaid() {
    assertThat(out("web-1")).doesNotContain(ESCAPE);
    assertThat(out("web-1", "--color=always"))
        .contains(ESCAPE + "[1;31msshd[312]: error: Kex" + ESCAPE + "[0m\n")
        .contains(ESCAPE + "[33mcrosvm[77]: virtio-blk: slow" + ESCAPE + "[0m\n")
        .contains("09:00:00 kernel: Booting Linux\n");
    vmlog.onTerminal();
    assertThat(out("web-1")).contains(ESCAPE + "[1;31m");
    assertThat(out("web-1", "--color=never")).doesNotContain(ESCAPE);
    vmlog.with("TERM", "dumb");
    assertThat(out("web-1")).doesNotContain(ESCAPE);
    vmlog.with("TERM", "xterm").with("NO_COLOR", "1");
    assertThat(out("web-1")).doesNotContain(ESCAPE);
    assertThat(out("web-1", "--color=always")).contains(ESCAPE);
  }

  @Test
  void colour_ofAVm_isTheSameWhereverItStands() {
    String web = ESCAPE + "[96malice/web-1" + ESCAPE + "[0m ";
    assertThat(out("--color=always").lines().filter(line -> line.contains(web))).hasSize(5);
    assertThat(out("--color=always", "web-1", "db-1")).contains(web);
    assertThat(out("--color=always", "web-1")).doesNotContain("alice");
  }

  @Test
  void highlight_marksWhatMatches_andSoDoesGrep() {
    String marked = ESCAPE + "[7mKe" + ESCAPE + "[27mx";
    assertThat(out("--highlight", "Ke", "--color=always")).contains(marked);
    assertThat(out("-g", "Ke", "--color=always")).contains(marked);
    assertThat(out("--highlight", "Ke").lines()).hasSize(9);
  }

  @Test
  void cursor_isWhereTheNextGoesOn() throws IOException {
    String out = out("web-1", "--show-cursor");
    String cursor = out.substring(out.indexOf("-- cursor: ") + 11).strip();
    Path web = folder.resolve("alice/web-1.log");
    assertThat(out("web-1", "--after-cursor", cursor)).isEmpty();
    Files.move(web, folder.resolve("alice/web-1.log.1"));
    Files.writeString(web, ShownLogs.WEB[1] + "\n");
    assertThat(out("web-1", "--after-cursor=" + cursor))
        .isEqualTo("Nov 21 11:00:00 sshd[312]: Accepted publickey\n");
    VmlogRun.Result wrong = vmlog.run("--after-cursor=x");
    assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).startsWith("cursor \"x\"; allowed is what --show-cursor printed");
  }

  /** On this day the clocks of Berlin went from three back to two. */
  @ParameterizedTest
  @ValueSource(strings = {"all", "3"})
  void times_inTheHourThatComesTwice_areThoseOfTheHostsZone(String lines) throws IOException {
    Files.writeString(folder.resolve(".zone"), "Europe/Berlin\n");
    Path log = folder.resolve("alice/twice.log");
    Files.writeString(
        log,
        """
        <14>Oct 25 02:30:00 twice first
        <14>Oct 25 02:59:00 twice first
        <14>Oct 25 02:30:00 twice second
        """);
    Files.setLastModifiedTime(log, FileTime.from(Instant.parse("2026-10-25T01:31:00Z")));
    assertThat(out("twice", "-n", lines, "-o", "short-iso"))
        .isEqualTo(
            """
            2026-10-25T00:30:00+00:00 first
            2026-10-25T00:59:00+00:00 first
            2026-10-25T01:30:00+00:00 second
            """);
  }

  @Test
  void lastLine_inTheSecondOfTheHoursThatComeTwice_isOfTheFilesTime() throws IOException {
    Files.writeString(folder.resolve(".zone"), "Europe/Berlin\n");
    Path log =
        Files.writeString(
            folder.resolve("alice/twice.log"),
            "<14>Oct 25 01:30:00 twice before\n<14>Oct 25 02:30:00 twice second\n");
    Files.setLastModifiedTime(log, FileTime.from(Instant.parse("2026-10-25T01:31:00Z")));
    assertThat(out("twice", "-o", "short-iso"))
        .isEqualTo("2026-10-24T23:30:00+00:00 before\n2026-10-25T01:30:00+00:00 second\n");
  }

  @Test
  void cursorFile_remembersWhatWasShown() throws IOException {
    String file = "--cursor-file=" + folder.resolve("cursor");
    assertThat(out(file, "web-1").lines()).hasSize(5);
    assertThat(out(file, "web-1")).isEmpty();
    Path web = folder.resolve("alice/web-1.log");
    Files.writeString(web, Files.readString(web) + ShownLogs.WEB[0] + "\n");
    assertThat(out(file, "web-1").lines()).hasSize(1);
  }

  /** As the documents have it, the first time and the next. */
  @ParameterizedTest
  @ValueSource(strings = {"all", "3"})
  void cursorFile_withLines_isTakenTheSecondTimeToo(String lines) throws IOException {
    String[] line = {"-n", lines, "-o", "json", "--cursor-file=" + folder.resolve("seen"), "web-1"};
    assertThat(out(line)).isNotEmpty();
    assertThat(out(line)).isEmpty();
    Path web = folder.resolve("alice/web-1.log");
    Files.writeString(web, Files.readString(web) + ShownLogs.WEB[0] + "\n");
    assertThat(out(line).lines()).hasSize(1);
  }

  @Test
  void directory_isTheOneNamedBeforeTheEnvironments() {
    assertThat(new VmlogRun(Path.of("/nowhere")).run("--directory", folder.toString()).out())
        .isEqualTo(out("tail"));
    VmlogRun.Result none = new VmlogRun(Path.of("/nowhere")).run("tail");
    assertThat(none.code()).isEqualTo(ExitCode.NO_INPUT);
    assertThat(none.err())
        .isEqualTo(
            "no such folder: /nowhere; --directory names another. vmlog vm start OWNER/NAME announces"
                + " a VM, and vmlog doctor says what is missing\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-p loud",
        "-S whenever",
        "-S now -U yesterday",
        "-f -U now",
        "-g (",
        "--channel=tv",
        "-n some",
        "-o xml",
        "-o template",
        "--template={what}",
        "--color=blue",
      })
  void usage_thatIsWrong_saysWhatIsAllowed(String arguments) {
    VmlogRun.Result result = vmlog.run(("tail " + arguments).split(" "));
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines().findFirst().orElseThrow()).containsPattern("[;:,] ");
  }

  @Test
  void layoutOfChromeos_hasNamesDecoded() throws IOException {
    Files.writeString(folder.resolve(".layout"), "chromeos\n");
    Path logs = Files.createDirectories(folder.resolve("a0b1/log"));
    Files.writeString(logs.resolve("d2ViLTE=.log"), ShownLogs.OLD[0] + "\n");
    assertThat(out("a0b1/web-1")).isEqualTo("Dec 31 23:59:59 systemd[1]: Started\n");
  }

  private String out(String... arguments) {
    VmlogRun.Result result = vmlog.run(arguments);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out();
  }
}
