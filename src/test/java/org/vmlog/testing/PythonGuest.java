package org.vmlog.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A guest in Python with gRPC's C core, as guests of other languages have it. Thread-safe. */
public final class PythonGuest {
  /** Debian's own, whatever else is first on the path. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final Path PROGRAM = Path.of("src/test/python/guest.py");

  private PythonGuest() {}

  /** Whether this machine has Debian's python3 and python3-grpcio. */
  public static boolean isAvailable() throws IOException {
    try {
      return run(List.of(PYTHON, "-c", "import grpc; print('there')")).equals("there");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Sends one record in a request of its own and answers the name of the status.
   *
   * @param target in gRPC's own words
   * @param method of vm_tools.LogCollector
   * @param severity its number in vm_tools.LogSeverity
   */
  public static String send(
      String target, String method, int severity, long seconds, String content) throws IOException {
    return run(command(target, method, severity, seconds, content));
  }

  /** The same as another user with this process's group; only root can. */
  public static String sendAs(
      int uid, String target, String method, int severity, long seconds, String content)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=" + uid, "--clear-groups"));
    command.addAll(command(target, method, severity, seconds, content));
    return run(command);
  }

  private static List<String> command(
      String target, String method, int severity, long seconds, String content) {
    return List.of(
        PYTHON,
        PROGRAM.toString(),
        target,
        method,
        Integer.toString(severity),
        Long.toString(seconds),
        content);
  }

  private static String run(List<String> command) throws IOException {
    Process python =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      String output =
          new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!python.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("python3 does not end");
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      python.destroyForcibly();
    }
  }
}
