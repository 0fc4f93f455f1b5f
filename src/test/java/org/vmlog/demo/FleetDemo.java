package org.vmlog.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.vmlog.testing.DocumentExamples;
import org.vmlog.testing.DocumentExamples.Example;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.ProgramProcess;
import org.vmlog.testing.ShellCommand;
import org.vmlog.testing.TestHost;

/**
 * {@code make demo-fleet}: two hosts, each in a folder of its own, ship to one broker, and a viewer
 * shows both. It types the commands of docs/fleet.md one after the other. Confined to one thread.
 */
public final class FleetDemo implements AutoCloseable {
  private static final Path DOCUMENT = Path.of("docs/fleet.md");
  private static final Path PROGRAMS = Path.of("target/vmlog/bin").toAbsolutePath();
  private static final String BACKGROUND = " &";
  private static final String TOPIC = "vmlog";

  /** Lines are shipped within seconds; what shows them is typed again until it does. */
  private static final int ATTEMPTS = 60;

  private static final int PAUSE_MILLIS = 500;
  private static final int SOFTWARE = 70; // sysexits(3)

  private final Path folder;
  private final ShellCommand shell;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  private FleetDemo(Path folder, ShellCommand shell) {
    this.folder = folder;
    this.shell = shell;
  }

  /** The program. */
  public static void main(String[] args) throws Exception {
    Screen screen = new Screen();
    Path folder = Files.createTempDirectory("vmlog-fleet-");
    ShellCommand shell = new ShellCommand().with("PATH", PROGRAMS + ":" + System.getenv("PATH"));
    int code = 0;
    screen.title("vmlog: two hosts ship to one Kafka, and are looked at together.");
    screen.say("  folder   %s", folder);
    try (FleetDemo demo = prepare(folder, shell)) {
      for (Example example : DocumentExamples.in(DOCUMENT)) {
        screen.title("$ " + example.command());
        demo.type(example).forEach(screen::say);
      }
    } catch (AssertionError e) {
      screen.say("%s", e.getMessage());
      code = SOFTWARE;
    }
    screen.title("Nothing runs any more. The folder stays until you remove it:");
    screen.say("  rm -r %s", folder);
    System.exit(code);
  }

  /**
   * Starts a broker, and writes what two hosts have under /etc.
   *
   * @param shell that finds the programs
   */
  static FleetDemo prepare(Path folder, ShellCommand shell) throws Exception {
    FleetDemo demo = new FleetDemo(folder, shell);
    KafkaBroker broker = KafkaBroker.start(folder.resolve("kafka"));
    demo.running.push(broker);
    broker.createTopic(TOPIC, 6, Map.of());
    shell.with("KAFKA", broker.address());
    host(folder, broker, "rack1", "alice", "web-1");
    host(folder, broker, "rack2", "bob", "db-1");
    return demo;
  }

  private static void host(Path folder, KafkaBroker broker, String host, String owner, String vm)
      throws IOException {
    Path own = Files.createDirectory(folder.resolve(host));
    TestHost made = new TestHost(own).withVm(owner, vm);
    Files.writeString(
        own.resolve("vmlog-ship.toml"),
        """
        [host]
        id = "%1$s"
        name = "%1$s"
        [logs]
        directory = "%2$s/logs"
        state = "%2$s/state"
        [state]
        directory = "%2$s/ship"
        [kafka]
        bootstrap = "%3$s"
        """
            .formatted(host, made.folder(), broker.address()));
  }

  /**
   * Types one command.
   *
   * @return what it prints: what stands in the document, or after some time something else
   */
  List<String> type(Example example) throws IOException, InterruptedException {
    String command = example.command();
    if (command.endsWith(BACKGROUND)) {
      String program = command.substring(0, command.length() - BACKGROUND.length());
      running.push(shell.start("env -C " + folder + " " + program));
      return List.of();
    }
    List<String> printed = List.of();
    for (int i = 0; i < ATTEMPTS; i++) {
      printed = shell.run("cd " + folder + " && " + command).lines().toList();
      if (printed.equals(example.output())) {
        return printed;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return printed;
  }

  /** Ends every process, the last first. */
  @Override
  public void close() throws Exception {
    while (!running.isEmpty()) {
      AutoCloseable last = running.pop();
      if (last instanceof ProgramProcess program) {
        program.terminate();
      }
      last.close();
    }
  }
}
