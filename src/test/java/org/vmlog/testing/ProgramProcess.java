package org.vmlog.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One of the project's programs as its users run it: a process of its own, ready when it says so.
 * Its stderr is kept. Closing kills it. Thread-safe.
 */
public class ProgramProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final String program;
  private final Process process;
  private final Thread reader;
  private final List<String> stderr = new ArrayList<>(); // guarded by this
  private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

  /**
   * Starts a program.
   *
   * @param environment what it has beside this process's own
   */
  protected ProgramProcess(List<String> command, Map<String, String> environment)
      throws IOException {
    // A test that runs under nohup inherits SIGHUP as ignored, and the JVM leaves it so.
    List<String> asIfBySystemd = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
    asIfBySystemd.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(asIfBySystemd);
    // A manager of the test's own must not be told that this one is ready.
    builder.environment().keySet().removeAll(List.of("NOTIFY_SOCKET", "JOURNAL_STREAM"));
    // So that expected lines can be written out.
    builder.environment().put("TZ", "UTC");
    builder.environment().putAll(environment);
    program = command.get(0);
    process = builder.start();
    reader = new Thread(this::read, "program-stderr");
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts the program of a main class and waits for nothing. */
  public static ProgramProcess launchMain(String mainClass, String... arguments)
      throws IOException {
    return launchMain(Map.of(), mainClass, arguments);
  }

  /** The same with an environment beside this process's own. */
  public static ProgramProcess launchMain(
      Map<String, String> environment, String mainClass, String... arguments) throws IOException {
    return new ProgramProcess(java(mainClass, arguments), environment);
  }

  /** The command that runs a main class, for a shell. */
  public static String shellCommand(String mainClass) {
    return String.join(" ", java(mainClass));
  }

  /** The JVM that this process runs on. */
  static String javaProgram() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The command that runs a main class off this process's class path, quick to start. */
  protected static List<String> java(String mainClass, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                javaProgram(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // halves the time to start, and tests start it often
                "-Xmx96m",
                "-XX:MaxDirectMemorySize=64m"));
    command.addAll(SharedClasses.options());
    command.add(mainClass);
    command.addAll(List.of(arguments));
    return command;
  }

  /** Returns once it is ready; closes it when it does not become so. */
  public ProgramProcess awaitReady() throws IOException {
    try {
      if (!ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(program + " ended before it was ready:\n" + log());
      }
      return this;
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new IOException(program + " is not ready:\n" + log(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
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

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has said on stderr so far. */
  public synchronized String log() {
    return String.join("\n", stderr);
  }

  /** Returns once it has said that on stderr, which may come later than what it speaks of. */
  public void awaitLog(String text) {
    Await.until("the log has: " + text, () -> log().contains(text), this::log);
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

  /** Waits for its end, and for all it has said, and answers its exit code. */
  public int await() throws IOException {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(program + " does not end:\n" + log());
      }
      reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
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

  protected final void signal(String name) throws IOException {
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

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
