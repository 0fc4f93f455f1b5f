package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** vmlog-ship, started with a configuration file. */
public final class ShipProcess extends ProgramProcess {
  private static final String MAIN = "org.vmlog.cli.VmlogShipCommand";

  private final Path state;

  private ShipProcess(Path config, Path state) throws IOException {
    super(java(MAIN, "--config", config.toString()), Map.of());
    this.state = state;
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param folder with {@code logs} and {@code state} of a forwarder's; gets a file and a folder
   * @param engine the section of the configuration that says where to ship to
   */
  public static ShipProcess start(Path folder, String engine) throws IOException {
    Path state = folder.resolve("ship");
    Path config =
        Files.writeString(
            folder.resolve("vmlog-ship.toml"),
            """
            [host]
            id = "host-1"
            name = "rack3"
            [logs]
            directory = "%1$s/logs"
            state = "%1$s/state"
            [state]
            directory = "%2$s"
            %3$s
            """
                .formatted(folder, state, engine));
    ShipProcess process = new ShipProcess(config, state);
    process.awaitReady();
    return process;
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
