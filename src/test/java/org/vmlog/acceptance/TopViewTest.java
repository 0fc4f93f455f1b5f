package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Tmux;
import org.vmlog.testing.VmlogProcess;

/** {@code vmlog top} on the screen of a real terminal, beside a real forwarder. */
final class TopViewTest {
  @TempDir Path folder;
  private TestHost host;
  private ForwarderProcess forwarder;

  @BeforeAll
  static void needsTmux() {
    assumeTrue(Tmux.isAvailable(), "tmux is missing (Debian package tmux)");
  }

  @BeforeEach
  void startForwarder() throws IOException {
    host =
        new TestHost(folder)
            .with("[limits]\nmax_records = 10")
            .withVm("alice", "web-1")
            .withVm("bob", "db-1");
    forwarder = host.start();
  }

  @AfterEach
  void stopForwarder() {
    forwarder.close();
  }

  @Test
  void screen_ofTwoVms_isSortedFilteredAndLeftAsItWas() throws Exception {
    say("alice", "web-1", 11);
    say("bob", "db-1", 3);
    try (Tmux terminal = Tmux.run(folder, "echo before; " + top("-i 0.2"))) {
      await(terminal, "alice/web-1 ");
      terminal.press("n");
      await(terminal, "by name");
      List<String> screen = terminal.screen();
      assertThat(screen.get(0))
          .matches("vmlog top   2 of 2 sources   [\\d.]+ records/s   \\S+ K?i?B/s   disk .* of .*");
      assertThat(screen.get(2))
          .isEqualTo("  VM           RECORDS/S    BYTES/S CONN REFUSED QUOTA  LAST  DROPPED");
      assertThat(screen.get(3))
          .matches("> alice/web-1 +[\\d.]+ +\\d+ B +\\d +0 +0% +(\\d+s|-)  1 too-many-records");
      assertThat(screen.get(4)).matches("  bob/db-1 +[\\d.]+ +\\d+ B +\\d +0 +0% +\\d+s  0");
      assertThat(screen.get(23)).startsWith("q quit  / filter  sort: n r b d u l");

      terminal.press("/", "'d*'", "Enter");
      await(terminal, "1 of 2 sources");
      assertThat(terminal.screen().get(3)).startsWith("> bob/db-1 ");
      terminal.press("c");
      await(terminal, "vmlog top --sort=name 'd*'");
      terminal.press("Escape");
      await(terminal, "2 of 2 sources");
      terminal.press("Down");
      await(terminal, "> bob/db-1 ");
      terminal.press("Enter");
      await(terminal, "vmlog status bob/db-1");
      terminal.press("q");
      await(terminal, "exit 0");
      assertThat(terminal.screen())
          .containsExactly(
              "before", "vmlog top --sort=name 'd*'", "vmlog status bob/db-1", "exit 0");
      assertThat(terminal.settings()).contains(" echo ", " icanon ", " icrnl ", "susp = ^Z");
      assertThat(terminal.isCursorShown()).isTrue();
    }
  }

  @Test
  void screen_thatIsResized_isDrawnAnew() throws Exception {
    try (Tmux terminal = Tmux.run(folder, top("-s name -i 3600"))) {
      await(terminal, "q quit  / filter");
      terminal.resize(60, 10);
      Await.until(
          "the help is on the new last line",
          () -> {
            List<String> screen = terminal.screen();
            return screen.size() == 10 && screen.get(9).startsWith("q quit  / filter");
          });
      terminal.resize(100, 30);
      Await.until("and again", () -> terminal.screen().size() == 30);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void signal_whileItIsShown_restoresTheTerminal(String signal) throws Exception {
    try (Tmux terminal = Tmux.run(folder, "echo before; " + top("-i 0.2"))) {
      await(terminal, "alice/web-1 ");
      terminal.signal(signal);
      await(terminal, "exit 0");
      assertThat(terminal.screen()).containsExactly("before", "exit 0");
      assertThat(terminal.settings()).contains(" echo ", " icanon ");
      assertThat(terminal.isCursorShown()).isTrue();
    }
  }

  @Test
  void interrupt_byTheTerminal_endsIt() throws Exception {
    try (Tmux terminal = Tmux.run(folder, top(""))) {
      await(terminal, "alice/web-1 ");
      terminal.press("C-z", "C-c");
      await(terminal, "exit 0");
      assertThat(terminal.screen()).containsExactly("exit 0");
    }
  }

  @Test
  void colour_isThereUnlessItIsNotWanted() throws Exception {
    String never = top("--color=never -s bytes");
    String all = top("") + "; " + never + "; NO_COLOR=1 " + top("-s name");
    try (Tmux terminal = Tmux.run(folder, all)) {
      await(terminal, "alice/web-1 ");
      assertThat(String.join("\n", terminal.colouredScreen()))
          .containsPattern("\u001b\\[[0-9;]*7m(\u001b\\[[0-9;]*m)*> alice/web-1");
      for (String order : List.of("by bytes", "by name")) {
        terminal.press("q");
        Await.until(
            "it is there without colour, " + order,
            () -> {
              String screen = String.join("\n", terminal.colouredScreen());
              return screen.contains(order)
                  && screen.contains("> alice/web-1")
                  && !screen.contains("\u001b[");
            });
      }
    }
  }

  @Test
  void keys_thatCannotBeRead_areSaidToBeMissing() throws Exception {
    try (Tmux terminal = Tmux.run(folder, top("") + " </dev/null")) {
      await(terminal, "exit 74");
      assertThat(terminal.screen())
          .containsExactly(
              "the terminal cannot be used: no keys can be read from it; --once needs none",
              "exit 74");
    }
  }

  @Test
  void once_onATerminal_printsAndEnds() throws Exception {
    try (Tmux terminal = Tmux.run(folder, top("--once -s name -i 0.1"))) {
      await(terminal, "exit 0");
      assertThat(terminal.screen())
          .satisfiesExactly(
              line -> assertThat(line).startsWith("VM           RECORDS/S "),
              line -> assertThat(line).startsWith("alice/web-1        0.0 "),
              line -> assertThat(line).startsWith("bob/db-1           0.0 "),
              line -> assertThat(line).isEqualTo("exit 0"));
    }
  }

  @Test
  void forwarder_thatEnds_isNamedUntilItIsBack() throws Exception {
    try (Tmux terminal = Tmux.run(folder, top("-i 0.2"))) {
      await(terminal, "alice/web-1 ");
      int unused = forwarder.terminate();
      await(terminal, "the forwarder does not answer: unix:");
      assertThat(terminal.screen().get(3)).contains("alice/web-1");
      forwarder = host.start();
      Await.until("it is back", () -> !terminal.screen().toString().contains("does not answer"));
    }
  }

  private void say(String owner, String name, int records) throws Exception {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(Guest.record(LogSeverity.INFO, 7, "hello".getBytes(UTF_8)));
    }
    try (Guest guest = Guest.on(host.grpcSocket(owner, name))) {
      guest.send(Guest.Method.USER, request.build().toByteArray());
    }
  }

  private String top(String options) {
    return "%s top --metrics=unix:%s/run/metrics.sock %s"
        .formatted(VmlogProcess.shellCommand(), folder, options);
  }

  private static void await(Tmux terminal, String text) {
    Await.until(
        "the screen has " + text,
        () -> terminal.screen().toString().contains(text),
        () -> {
          try {
            return String.join("\n", terminal.screen());
          } catch (IOException e) {
            return e.toString();
          }
        });
  }
}
