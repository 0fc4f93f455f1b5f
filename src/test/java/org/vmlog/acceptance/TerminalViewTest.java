package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.Tmux;
import org.vmlog.testing.VmlogProcess;

/** What is on the screen of a real terminal. */
final class TerminalViewTest {
  @TempDir Path folder;

  @BeforeAll
  static void needsTmux() {
    assumeTrue(Tmux.isAvailable(), "tmux is missing (Debian package tmux)");
  }

  @Test
  void follow_onATerminal_isColouredAndHarmless() throws Exception {
    say("alice/web-1", "<14>Nov 21 03:04:05 web-1 sshd[1]: hello");
    say("bob/db-1", "<11>Nov 21 03:04:06 db-1 postgres[2]: broken");
    try (Tmux terminal =
        Tmux.run(folder, VmlogProcess.shellCommand() + " -f --directory=" + folder)) {
      await(terminal, "broken");
      say("alice/web-1", "<13>Nov 21 03:04:07 web-1 \u001b[2J\u202eevil\u0007");
      await(terminal, "evil");
      say("bob/db-2", "<14>Nov 21 03:04:08 db-2 late");
      await(terminal, "late");
      String red = terminal.colouredScreen().get(1);
      terminal.press("C-c");
      await(terminal, "exit 0");

      assertThat(terminal.screen().subList(0, 5))
          .containsExactly(
              "Nov 21 03:04:05 alice/web-1 sshd[1]: hello",
              "Nov 21 03:04:06 bob/db-1 postgres[2]: broken",
              "Nov 21 03:04:07 alice/web-1 #033[2J#{20056}evil#007",
              "-- bob/db-2 has a log now --",
              "Nov 21 03:04:08 bob/db-2 late");
      assertThat(red)
          .matches(
              "Nov 21 03:04:06 \u001b\\[\\d+mbob/db-1\u001b\\[\\S*?m \u001b\\[1m\u001b\\[31m"
                  + "postgres\\[2\\]: broken.*");
    }
  }

  @Test
  void raw_onATerminal_needsYes() throws Exception {
    say("alice/web-1", "<14>Nov 21 03:04:05 web-1 \u001b[32mgreen");
    String vmlog = VmlogProcess.shellCommand() + " --directory=" + folder;
    try (Tmux terminal = Tmux.run(folder, vmlog + " --raw 2>&1 | head -n 1; " + vmlog + " --raw")) {
      await(terminal, "exit 64");
      assertThat(terminal.screen()).contains("<14>Nov 21 03:04:05 web-1 green");
      assertThat(terminal.screen().toString())
          .contains("--raw to a terminal: what guests wrote could act on it; --yes allows it");
    }
  }

  private void say(String vm, String line) throws IOException {
    Path log = folder.resolve(vm + ".log");
    Files.createDirectories(log.getParent());
    Files.writeString(
        log, line + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void await(Tmux terminal, String text) {
    Await.until("the screen has " + text, () -> terminal.screen().toString().contains(text));
  }
}
