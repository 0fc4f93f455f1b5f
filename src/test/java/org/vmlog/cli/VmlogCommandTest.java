package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class VmlogCommandTest {
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
  void nothing_exits64WithTheUsage() {
    assertThat(run()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).startsWith("Missing command\nUsage: vmlog ");
  }

  @Test
  void unknownCommand_exits64AndNamesIt() {
    assertThat(run("fly")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).startsWith("Unmatched argument at index 0: 'fly'");
  }

  private int run(String... arguments) {
    CommandLine line = VmlogCommand.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
