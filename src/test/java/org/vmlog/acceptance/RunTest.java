package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmlogProcess;

/** {@code vmlog run} and {@code vmlog intercept}, as people run them. */
@Timeout(120)
final class RunTest {
  private static final String VMLOG = "org.vmlog.cli.VmlogCommand";

  @TempDir static Path folder;

  private static PrivateBus bus;
  private static TestHost host;
  private static RealmDaemon broker;
  private static ForwarderProcess forwarder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
    broker = Realms.broker(bus, folder);
    forwarder = host.start();
    awaitListening(forwarder);
  }

  @AfterAll
  static void stop() {
    if (forwarder != null) {
      forwarder.close();
      broker.close();
      bus.close();
    }
  }

  private static void awaitListening(ForwarderProcess forwarder) {
    forwarder.awaitLog("listening to the broker of realms (connections of realm /)");
    forwarder.awaitLog("listening to the broker of realms (events of realm /)");
  }

  @Test
  void run_output_isLoggedLineByLineWithItsSeverity() throws Exception {
    String script =
        """
        echo 'plain'
        echo '<3>an error by its prefix'
        echo '<9>no prefix'
        echo 'on stderr' >&2
        printf 'without a newline'
        """;
    try (ProgramProcess run =
        run(
            "--realm",
            "run",
            "--name",
            "out",
            "--stderr-priority",
            "warning",
            "--",
            "sh",
            "-c",
            script)) {
      assertThat(run.await()).isZero();
    }
    assertThat(contents(host.componentLog("run/out")))
        .containsExactlyInAnyOrder(
            "<14> out plain",
            "<11> out an error by its prefix",
            "<14> out <9>no prefix",
            "<12> out on stderr",
            "<14> out without a newline");
  }

  @Test
  void run_manyLines_allArriveInOrder() throws Exception {
    try (ProgramProcess run =
        run("--realm", "run", "--name", "many", "-p", "debug", "--", "seq", "1", "20000")) {
      assertThat(run.await()).isZero();
    }
    assertThat(LogFiles.numbers(host.componentLog("run/many")))
        .isEqualTo(IntStream.rangeClosed(1, 20_000).boxed().toList());
  }

  @Test
  void run_threeShortCommandsAtOnce_loseNothing() throws Exception {
    List<ProgramProcess> runs = new ArrayList<>();
    for (String name : List.of("short-1", "short-2", "short-3")) {
      runs.add(run("--realm", "run", "--name", name, "--", "seq", "1", "9"));
    }
    for (ProgramProcess run : runs) {
      try (run) {
        assertThat(run.await()).isZero();
      }
    }
    for (String name : List.of("short-1", "short-2", "short-3")) {
      assertThat(LogFiles.numbers(host.componentLog("run/" + name)))
          .isEqualTo(IntStream.rangeClosed(1, 9).boxed().toList());
    }
  }

  @Test
  void run_signals_reachTheCommandAndItsLastWordsTheLog() throws Exception {
    String script = "trap 'echo caught; exit 3' TERM; echo up; while :; do sleep 0.05; done";
    Path log = host.componentLog("run/signals");
    try (ProgramProcess run =
        run("--realm", "run", "--name", "signals", "--", "sh", "-c", script)) {
      Await.until("the command is up", () -> contents(log).contains("<14> signals up"));
      assertThat(run.terminate()).isEqualTo(3);
    }
    assertThat(contents(log)).containsExactly("<14> signals up", "<14> signals caught");
  }

  @Test
  void run_sink_isForProgramsThatSpeakGrpc() throws Exception {
    Path told = folder.resolve("told");
    String script =
        "echo \"$VMLOG_SINK\" >" + told + ".new; mv " + told + ".new " + told + "; read -r x";
    try (ProgramProcess run =
        run("--realm", "run", "--name", "sink", "--", "sh", "-c", script + " <" + fifo())) {
      Await.until("the path is known", () -> Files.exists(told), run::log);
      Path sink = Path.of(Files.readString(told).strip());
      try (Guest program = Guest.on(sink)) {
        program.send(Guest.Method.USER, Realms.request("by gRPC"));
      }
      Files.writeString(folder.resolve("fifo"), "go\n");
      assertThat(run.await()).isZero();
      Await.until("the sink has gone with it", () -> Files.notExists(sink));
    }
    assertThat(contents(host.componentLog("run/sink"))).contains("<14> sink by gRPC");
  }

  @Test
  void intercept_realm_showsItsComponentsLinesAndTheForwarderGetsNone() throws Exception {
    try (ProgramProcess test =
        ProgramProcess.launchMain(VMLOG, "intercept", "--bus", bus.address(), "tests")
            .awaitReady()) {
      try (ProgramProcess one = run("--realm", "tests", "--name", "cart", "--", "echo", "hello");
          ProgramProcess deep =
              run("--realm", "tests/eu", "--name", "cart", "--", "printf", "a\\033[2Jb\\n")) {
        assertThat(one.await()).isZero();
        assertThat(deep.await()).isZero();
      }
      // By hand, since what Java ends it closes the output of.
      assertThat(new ProcessBuilder("kill", Long.toString(test.pid())).start().waitFor()).isZero();
      assertThat(test.await()).isZero();
      assertThat(test.output().lines())
          .containsExactlyInAnyOrder("cart: hello", "eu/cart: a#033[2Jb");
    }
    assertThat(folder.resolve("logs/@realms/tests")).doesNotExist();
    try (ProgramProcess after = run("--realm", "tests", "--name", "cart", "--", "echo", "after")) {
      assertThat(after.await()).isZero();
    }
    assertThat(contents(host.componentLog("tests/cart"))).containsExactly("<14> cart after");
  }

  @Test
  void intercept_command_runsInTheRealmAndGivesItsExitCode() throws Exception {
    String script = VmlogProcess.shellCommand() + " run --bus " + bus.address();
    try (ProgramProcess test =
        ProgramProcess.launchMain(
            VMLOG,
            "intercept",
            "--bus",
            bus.address(),
            "mine",
            "--",
            "sh",
            "-c",
            script + " --name cart -- echo hello; echo in $VMLOG_REALM; exit 7")) {
      assertThat(test.await()).isEqualTo(7);
      assertThat(test.output().lines()).containsExactly("cart: hello", "in mine");
    }
    assertThat(folder.resolve("logs/@realms/mine")).doesNotExist();
  }

  private static String fifo() throws Exception {
    Path fifo = folder.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    return fifo.toString();
  }

  private static ProgramProcess run(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("run", "--bus", bus.address()));
    all.addAll(List.of(arguments));
    return ProgramProcess.launchMain(VMLOG, all.toArray(String[]::new));
  }

  /** The lines without their times. */
  private static List<String> contents(Path log) throws IOException {
    return LogFiles.lines(log).stream()
        .map(line -> line.replaceFirst("(<\\d+>)\\w{3} [ \\d]\\d [\\d:]{8}", "$1"))
        .toList();
  }
}
