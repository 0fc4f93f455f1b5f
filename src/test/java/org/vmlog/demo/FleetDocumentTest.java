package org.vmlog.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.DocumentExamples;
import org.vmlog.testing.DocumentExamples.Example;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.ShellCommand;

/** Types the commands of docs/fleet.md, as {@code make demo-fleet} does. */
@Timeout(240)
final class FleetDocumentTest {
  @TempDir Path folder;

  @Test
  void commands_ofTheDocument_printWhatStandsThere() throws Exception {
    ShellCommand shell = new ShellCommand();
    program(shell, "vmlog", "VmlogCommand");
    program(shell, "vmlog-forwarder", "ForwarderCommand");
    program(shell, "vmlog-ship", "VmlogShipCommand");
    List<Example> examples = DocumentExamples.in(Path.of("docs/fleet.md"));
    assertThat(examples).hasSizeGreaterThan(7);
    try (FleetDemo demo = FleetDemo.prepare(folder, shell)) {
      for (Example example : examples) {
        assertThat(demo.type(example)).as(example.command()).isEqualTo(example.output());
      }
    }
  }

  private void program(ShellCommand shell, String name, String main) throws Exception {
    String classes = System.getProperty("java.class.path");
    String absolute =
        Arrays.stream(classes.split(":", -1))
            .map(one -> Path.of(one).toAbsolutePath().toString())
            .collect(Collectors.joining(":"));
    String java = ProgramProcess.shellCommand("org.vmlog.cli." + main).replace(classes, absolute);
    shell.withProgram(folder, name, "exec " + java + " \"$@\"");
  }
}
