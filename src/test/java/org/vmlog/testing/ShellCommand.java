package org.vmlog.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs commands by sh(1). Confined to one thread. */
public final class ShellCommand {
  private final Map<String, String> environment = new HashMap<>();

  /** Sets a variable that commands have beside this process's own. */
  public ShellCommand with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Puts a program first in the path that commands have. */
  public ShellCommand withProgram(Path folder, String name, String script) throws IOException {
    Path programs = Files.createDirectories(folder.resolve("bin"));
    Path program = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return with("PATH", programs + ":" + System.getenv("PATH"));
  }

  /** Whether a program is in the path. */
  public static boolean exists(String program) {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program)));
  }

  /** Starts a daemon, and waits until it is ready. */
  public ProgramProcess start(String command) throws IOException {
    return new ProgramProcess(List.of("sh", "-c", "exec " + command), environment).awaitReady();
  }

  /**
   * Runs a command and answers what it says, on stdout and stderr.
   *
   * @throws AssertionError if it fails
   */
  public String run(String command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("does not end: " + command);
      }
      if (process.exitValue() != 0) {
        throw new AssertionError(
            "exits %d: %s%n%s".formatted(process.exitValue(), command, output));
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
