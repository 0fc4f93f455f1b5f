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
    String said =
        run(
            "fish",
            "--no-config",
            "-c",
            "source $argv[1]; complete -C 'vmlog-forwarder --check'",
            folder.resolve("fish/vmlog-forwarder.fish").toString());

    assertThat(said)
        .isEqualTo(
            "--check-config\tPrint the configuration that is in force, or everything wrong with it,"
                + " and exit.\n");
  }

  @Test
  void zsh_itsFile_isUnderstood() throws Exception {
    String said = run("zsh", "-f", "-n", folder.resolve("zsh/_vmlog-forwarder").toString());

    assertThat(said).isEmpty();
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
