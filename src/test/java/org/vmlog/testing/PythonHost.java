package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A host in Python with gRPC's C core, which knows LogCollector and nothing else. Thread-safe. */
public final class PythonHost extends ProgramProcess {
  private static final String PYTHON = "/usr/bin/python3";
  private static final String PROGRAM = "src/test/python/host.py";

  private PythonHost(List<String> command) throws IOException {
    super(command, Map.of());
  }

  /**
   * Starts one on a Unix socket.
   *
   * @param failing {@code CHANNEL:COUNT}, how many requests it answers with UNAVAILABLE first
   */
  public static PythonHost start(Path socket, String... failing) throws IOException {
    List<String> command = new ArrayList<>(List.of(PYTHON, PROGRAM, "unix:" + socket));
    command.addAll(List.of(failing));
    PythonHost host = new PythonHost(command);
    host.awaitReady();
    return host;
  }

  /** What it received: {@code CHANNEL SEVERITY SECONDS CONTENT} with the content in escapes. */
  public List<String> received() {
    return log().lines().filter(line -> !line.equals("ready")).toList();
  }
}
