package org.vmlog.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code vmlog web}. Closing kills it. */
public final class WebProcess implements AutoCloseable {
  private final Process process;
  private final String address;

  private WebProcess(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Starts it, and waits until it has said its address. */
  public static WebProcess start(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,TERM"));
    command.addAll(ProgramProcess.java("org.vmlog.cli.VmlogCommand", "web"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("TZ", "UTC");
    Process process = builder.start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    try {
      String address =
          CompletableFuture.supplyAsync(() -> firstLine(out))
              .get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return new WebProcess(process, address);
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static String firstLine(BufferedReader out) {
    try {
      String line = out.readLine();
      if (line == null) {
        throw new AssertionError("vmlog web has ended");
      }
      return line;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Where the page is. */
  public String address() {
    return address;
  }

  /** Ends it as Ctrl-C does; its exit code. */
  public int interrupt() throws Exception {
    Process kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
    if (kill.waitFor() != 0 || !process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("vmlog web does not end by SIGINT");
    }
    return process.exitValue();
  }

  @Override
  public void close() throws Exception {
    process.destroyForcibly();
    process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
