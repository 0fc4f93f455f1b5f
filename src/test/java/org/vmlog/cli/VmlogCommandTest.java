package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VmlogCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void help_exits0AndNamesTheCommands() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: vmlog ").contains("Commands:", "Exit codes:");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void version_exits0AndSaysWhatThisIs() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).matches("vmlog \\S+\n");
  }

  @Test
  void nothing_isTailsAndSaysWhatBringsTheFirstLine() {
    assertThat(run()).isEqualTo(ExitCode.NO_INPUT);
    assertThat(err.toString())
        .isEqualTo(
            "no log in "
                + folder
                + " yet; each VM's begins with its first line. vmlog vm start OWNER/NAME announces"
                + " a VM, and vmlog doctor says what is missing\n");
  }

  @Test
  void commandOfAnotherProgram_isTakenForAVmAndTheRightOneNamed() {
    assertThat(run("follow", "web-1")).isEqualTo(ExitCode.NO_INPUT);
    assertThat(run("logs")).isEqualTo(ExitCode.NO_INPUT);
    assertThat(run("list")).isEqualTo(ExitCode.NO_INPUT);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("; vmlog -f NAME follows a VM"),
            line -> assertThat(line).endsWith("; vmlog NAME shows a VM's lines"),
            line -> assertThat(line).contains("; vmlog ls lists them, and vmlog vm list "));
  }

  @Test
  void unknownCommand_isTakenForAVmAndNamed() {
    assertThat(run("fly")).isEqualTo(ExitCode.NO_INPUT);
    assertThat(err.toString())
        .isEqualTo("no log that matches fly in " + folder + "; vmlog ls lists them\n");
  }

  @Test
  void unknownOption_exits64AndNamesIt() {
    assertThat(run("--fly")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .isEqualTo("vmlog tail --help says what it takes\nUnknown option: '--fly'\n");
    assertThat(run("--folow")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).endsWith("\nUnknown option: '--folow'; it may be --follow\n");
  }

  private int run(String... arguments) {
    Session session =
        new Session(
            new Stdout(OutputStream.nullOutputStream()),
            false,
            Map.of("VMLOG_DIRECTORY", folder.toString()),
            ZoneId.of("UTC"),
            InstantSource.system());
    CommandLine line = VmlogCommand.commandLine(session);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(VmlogCommand.withCommand(line.getSubcommands().keySet(), arguments));
  }
}
