package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The forwarder, started with a configuration file. */
public final class ForwarderProcess extends ProgramProcess {
  private static final String MAIN = "org.vmlog.cli.ForwarderCommand";

  private ForwarderProcess(List<String> command, Map<String, String> environment)
      throws IOException {
    super(command, environment);
  }

  /** Starts it and waits until it is ready. */
  public static ForwarderProcess start(Path config) throws IOException {
    return launch("--config", config.toString()).awaitReady();
  }

  /**
   * Starts it under another program, such as prlimit(1), and waits until it is ready.
   *
   * @param wrapper that program with its arguments; it ends by executing what comes after them
   */
  public static ForwarderProcess startUnder(List<String> wrapper, Path config) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(java(MAIN, "--config", config.toString()));
    return new ForwarderProcess(command, Map.of()).awaitReady();
  }

  /** Starts it with any arguments and waits for nothing. */
  public static ForwarderProcess launch(String... arguments) throws IOException {
    return new ForwarderProcess(java(MAIN, arguments), Map.of());
  }

  /** The command that starts it with these arguments, for somebody else to run. */
  public static List<String> command(String... arguments) {
    return java(MAIN, arguments);
  }

  /** Starts it as it is installed, with the flags it ships with, and waits until it is ready. */
  public static ForwarderProcess startInstalled(Path program, Path config) throws IOException {
    return startInstalled(program, config, Map.of());
  }

  /** The same, with something more in its environment. */
  public static ForwarderProcess startInstalled(
      Path program, Path config, Map<String, String> environment) throws IOException {
    List<String> command = List.of(program.toString(), "--config", config.toString());
    return new ForwarderProcess(command, environment).awaitReady();
  }

  /** Starts it with something more in its environment and waits for nothing. */
  public static ForwarderProcess launch(Path config, Map<String, String> environment)
      throws IOException {
    return new ForwarderProcess(java(MAIN, "--config", config.toString()), environment);
  }

  /** Starts it by another program that runs the command after its own arguments. */
  public static ForwarderProcess under(List<String> program, Path config) throws IOException {
    List<String> command = new ArrayList<>(program);
    command.addAll(java(MAIN, "--config", config.toString()));
    return new ForwarderProcess(command, Map.of());
  }

  @Override
  public ForwarderProcess awaitReady() throws IOException {
    super.awaitReady();
    return this;
  }

  /**
   * Returns once VMs can be announced to it. It is ready without the bus, if that is slow to
   * answer.
   */
  public ForwarderProcess awaitOnBus() {
    try {
      awaitLog("on D-Bus as org.vmlog.Forwarder1");
      return this;
    } catch (AssertionError e) {
      close();
      throw e;
    }
  }

  /** The configuration that keeps everything of a forwarder in one folder and off the system. */
  public static String configIn(Path folder) {
    return """
        [listen]
        vsock = false
        unix = "%1$s/run/forwarder.sock"
        [logs]
        directory = "%1$s/logs"
        [logs.quota]
        keep_free = "0%%"
        [crosvm]
        socket_directory = "%1$s/run/vm"
        [syslog]
        socket = "%1$s/syslog"
        [state]
        directory = "%1$s/state"
        [metrics]
        listen = "unix:%1$s/run/metrics.sock"
        """
        .formatted(folder);
  }

  /** Writes a configuration file and answers its path. */
  public static Path write(Path folder, String config) throws IOException {
    return Files.writeString(folder.resolve("forwarder.toml"), config);
  }
}
