package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** vmlog-ship, started with a configuration file. */
public final class ShipProcess extends ProgramProcess {
  private static final String MAIN = "org.vmlog.cli.VmlogShipCommand";

  private final Path state;

  private ShipProcess(List<String> command, Map<String, String> environment, Path state)
      throws IOException {
    super(command, environment);
    this.state = state;
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param folder with {@code logs} and {@code state} of a forwarder's; gets a file and a folder
   * @param engine the section of the configuration that says where to ship to
   */
  public static ShipProcess start(Path folder, String engine) throws IOException {
    return start(folder, "rack3", engine);
  }

  /**
   * The same on another host.
   *
   * @param host its name; of {@code rack3} the id is {@code host-1}, of all others their name
   */
  public static ShipProcess start(Path folder, String host, String engine) throws IOException {
    Path config = configure(folder, host, engine);
    return new ShipProcess(java(MAIN, "--config", config.toString()), Map.of(), state(folder))
        .ready();
  }

  /**
   * The same where names have other addresses.
   *
   * @param hosts a file as hosts(5) has it, which is all that it asks
   */
  public static ShipProcess startWithHosts(Path folder, Path hosts, String engine)
      throws IOException {
    Path config = configure(folder, "rack3", engine);
    return new ShipProcess(
            java(MAIN, "--config", config.toString()),
            Map.of("JDK_JAVA_OPTIONS", "-Djdk.net.hosts.file=" + hosts),
            state(folder))
        .ready();
  }

  /** The same with the JVM's flags that it is shipped with, or as good as those. */
  public static ShipProcess startAtFullSpeed(Path folder, String engine) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(javaProgram(), "-XX:+UseSerialGC", "-Xms16m", "-Xmx192m"));
    command.addAll(List.of(System.getProperty("vmlog.ship.options", "").split(" ")));
    command.removeIf(String::isEmpty);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(List.of("--config", configure(folder, "rack3", engine).toString()));
    return new ShipProcess(command, Map.of(), state(folder)).ready();
  }

  private ShipProcess ready() throws IOException {
    awaitReady();
    return this;
  }

  private static Path state(Path folder) {
    return folder.resolve("ship");
  }

  private static Path configure(Path folder, String host, String engine) throws IOException {
    String id = host.equals("rack3") ? "host-1" : host;
    return Files.writeString(
        folder.resolve("vmlog-ship.toml"),
        """
        [host]
        id = "%4$s"
        name = "%5$s"
        [logs]
        directory = "%1$s/logs"
        state = "%1$s/state"
        [state]
        directory = "%2$s"
        %3$s
        """
            .formatted(folder, state(folder), engine, id, host));
  }

  /** What its status file says under a key; empty if nothing. */
  public Optional<String> status(String key) throws IOException {
    try {
      return Files.readAllLines(state.resolve("status")).stream()
          .filter(line -> line.startsWith(key + " "))
          .map(line -> line.substring(key.length() + 1))
          .findFirst();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Returns once the status file says that. */
  public void awaitStatus(String key, String value) {
    Await.until(
        Await.PATIENCE.multipliedBy(2),
        "the status is " + key + " " + value,
        () -> status(key).equals(Optional.of(value)),
        this::evidence);
  }

  private String evidence() {
    try {
      return Files.readString(state.resolve("status")) + log();
    } catch (IOException e) {
      return e + "\n" + log();
    }
  }
}
