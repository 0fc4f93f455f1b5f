package org.vmlog.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The forwarder as its users run it: a process of its own, started with a configuration file and
 * ready when it says so. Its stderr is kept. Closing kills it. Thread-safe.
 */
public final class ForwarderProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final List<String> stderr = new ArrayList<>(); // guarded by this
  private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

  private ForwarderProcess(Process process) {
    this.process = process;
  }

  /** Starts it and waits until it is ready. */
  public static ForwarderProcess start(Path config) throws IOException {
    return launch("--config", config.toString()).awaitReady();
  }

  /** Starts it as it is installed, with the flags it ships with, and waits until it is ready. */
  public static ForwarderProcess startInstalled(Path program, Path config) throws IOException {
    return startInstalled(program, config, Map.of());
  }

  /** The same, with something more in its environment. */
  public static ForwarderProcess startInstalled(
      Path program, Path config, Map<String, String> environment) throws IOException {
    return run(List.of(program.toString(), "--config", config.toString()), environment)
        .awaitReady();
  }

  private ForwarderProcess awaitReady() throws IOException {
    try {
      if (!ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the forwarder ended before it was ready:\n" + log());
      }
      return this;
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new IOException("the forwarder is not ready:\n" + log(), e);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Starts it with any arguments and waits for nothing. */
  public static ForwarderProcess launch(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // halves the time to start, and tests start it often
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=64m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.vmlog.cli.ForwarderCommand"));
    command.addAll(List.of(arguments));
    return run(command, Map.of());
  }

  private static ForwarderProcess run(List<String> command, Map<String, String> environment)
      throws IOException {
    // A test that runs under nohup inherits SIGHUP as ignored, and the JVM leaves it so.
    List<String> asIfBySystemd = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
    asIfBySystemd.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(asIfBySystemd);
    builder.environment().putAll(environment);
    // A manager of the test's own must not be told that this one is ready.
    builder.environment().keySet().removeAll(List.of("NOTIFY_SOCKET", "JOURNAL_STREAM"));
    // So that expected lines can be written out.
    builder.environment().put("TZ", "UTC");
    ForwarderProcess forwarder = new ForwarderProcess(builder.start());
    Thread reader = new Thread(forwarder::read, "forwarder-stderr");
    reader.setDaemon(true);
    reader.start();
    return forwarder;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (this) {
          stderr.add(line);
        }
        if (line.equals("ready")) {
          ready.complete(true);
        }
      }
    } catch (IOException e) {
      synchronized (this) {
        stderr.add("(stderr: " + e + ")");
      }
    }
    ready.complete(false);
  }

  public long pid() {
    return process.pid();
  }

  /** What it has said on stderr so far. */
  public synchronized String log() {
    return String.join("\n", stderr);
  }

  /** What it has said on stdout; only to be read when it has ended. */
  public String output() throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Has it end by SIGTERM. */
  public int terminate() throws IOException {
    process.destroy();
    return await();
  }

  /** Waits for its end and answers its exit code. */
  public int await() throws IOException {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the forwarder does not end:\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Sends SIGHUP. */
  public void hangUp() throws IOException {
    signal("HUP");
  }

  /** Has it do nothing until {@link #resume}, as a host without time to spare. */
  public void pause() throws IOException {
    signal("STOP");
  }

  /** Ends a {@link #pause}. */
  public void resume() throws IOException {
    signal("CONT");
  }

  /** Ends it by SIGKILL, in the middle of whatever it does. */
  public void kill() throws IOException {
    process.destroyForcibly();
    int unused = await();
  }

  private void signal(String name) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
    try {
      if (kill.waitFor() != 0) {
        throw new IOException("kill -" + name + " " + pid() + " failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
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
        """
        .formatted(folder);
  }

  /** Writes a configuration file and answers its path. */
  public static Path write(Path folder, String config) throws IOException {
    return Files.writeString(folder.resolve("forwarder.toml"), config);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
