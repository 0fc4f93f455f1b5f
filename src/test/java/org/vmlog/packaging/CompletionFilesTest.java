package org.vmlog.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each shell itself completes from the files. */
final class CompletionFilesTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    CompletionFiles.main(new String[] {folder.toString()});
  }

  @Test
  void bash_beginningOfAnOption_isCompleted() throws Exception {
    String said =
        run(
            "bash",
            "-c",
            "source \"$0\"; COMP_WORDS=(vmlog-forwarder --check); COMP_CWORD=1;"
                + " _complete_vmlog-forwarder 2>/dev/null; echo \"${COMPREPLY[@]}\"",
            folder.resolve("bash/vmlog-forwarder").toString());

    assertThat(said).isEqualTo("--check-config\n");
  }

  @Test
  void fish_beginningOfAnOption_isCompletedWithItsDescription() throws Exception {
    assertThat(fish("vmlog-forwarder", "vmlog-forwarder --check"))
        .isEqualTo(
            "--check-config\tPrint the configuration that is in force, or everything wrong with it,"
                + " and exit.\n");
  }

  @Test
  void bash_subcommandOfASubcommand_isCompleted() throws Exception {
    String said =
        run(
            "bash",
            "-c",
            "source \"$0\"; COMP_WORDS=(vmlog vm st); COMP_CWORD=2;"
                + " _complete_vmlog 2>/dev/null; echo \"${COMPREPLY[@]}\"",
            folder.resolve("bash/vmlog").toString());

    assertThat(said).isEqualTo("start stop\n");
  }

  @Test
  void fish_subcommandsAndTheirOptions_areCompletedWhereTheyBelong() throws Exception {
    assertThat(fish("vmlog", "vmlog vm st"))
        .isEqualTo(
            "start\tTell the forwarder that a virtual machine is about to run.\n"
                + "stop\tTell the forwarder that a virtual machine is gone.\n");
    assertThat(fish("vmlog", "vmlog vm start --hy"))
        .startsWith("--hybrid-vsock\tIts VMM's vsock socket.");
    assertThat(fish("vmlog", "vmlog --hy")).isEmpty();
    assertThat(fish("vm-syslog", "vm-syslog --km")).startsWith("--kmsg\tThe kernel's log");
  }

  /** Else two builds of a package could differ. */
  @Test
  void files_optionsOfMethods_areInTheOrderOfTheirNames() throws Exception {
    List<String> options =
        Files.readAllLines(folder.resolve("fish/vm-syslog.fish")).stream()
            .filter(line -> line.contains(" -l "))
            .map(line -> line.replaceFirst(".* -l (\\S+).*", "$1"))
            .toList();

    assertThat(options).hasSizeGreaterThan(10).isSorted();
  }

  private String fish(String program, String line) throws Exception {
    Path file = folder.resolve("fish/" + program + ".fish");
    return run(
        "fish",
        "--no-config",
        "-c",
        "source $argv[1]; complete -C $argv[2]",
        file.toString(),
        line);
  }

  @Test
  void allFiles_areUnderstoodByTheirShell() throws Exception {
    for (String program : List.of("vmlog", "vmlog-forwarder", "vm-syslog", "vmlog-ship")) {
      assertThat(run("bash", "-n", folder.resolve("bash/" + program).toString())).isEmpty();
      assertThat(run("zsh", "-f", "-n", folder.resolve("zsh/_" + program).toString())).isEmpty();
      assertThat(run("fish", "-n", folder.resolve("fish/" + program + ".fish").toString()))
          .isEmpty();
    }
  }

  private static String run(String... command) throws IOException, InterruptedException {
    assumeTrue(
        Files.exists(Path.of("/usr/bin", command[0])),
        command[0] + " is missing (Debian package " + command[0] + ")");
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
