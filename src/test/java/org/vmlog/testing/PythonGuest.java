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
  private static final Path STREAM_PROGRAM = Path.of("src/test/python/stream_guest.py");

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

  /**
   * Sends batches on one Push and answers the watermark, the last record acknowledged, and the name
   * of the status: {@code 0 … 3 OK}.
   *
   * @param batches each {@code FIRST_SEQ:TEXT,TEXT}
   */
  public static String push(String target, String stream, String... batches) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(PYTHON, STREAM_PROGRAM.toString(), target, stream));
    command.addAll(List.of(batches));
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
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process python = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
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
