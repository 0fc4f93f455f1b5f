package org.vmlog.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ConfigException;
import org.vmlog.platform.StderrLog;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What the programs have in common that read a configuration and then run in the foreground: their
 * log goes to stderr, and what keeps them from running is said there and in the exit code. Confined
 * to the main thread.
 */
abstract class DaemonCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /** Reads the configuration and does what was asked for; answers the exit code. */
  abstract int start() throws ConfigException, IOException, InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    StderrLog.install(Level.INFO);
    try {
      return start();
    } catch (ConfigException e) {
      return fail(ExitCode.CONFIG, String.valueOf(e.getMessage()));
    } catch (NoSuchFileException e) {
      return fail(ExitCode.NO_INPUT, missing(e));
    } catch (IOException e) {
      return fail(ExitCode.of(e), ExitCode.explain(e));
    }
  }

  /** What is missing, in words. */
  String missing(NoSuchFileException e) {
    return "no such file: " + e.getFile();
  }

  /** Prints what was asked for. */
  final void print(String text) {
    PrintWriter out = spec().commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private int fail(int code, String message) {
    PrintWriter err = spec().commandLine().getErr();
    err.println(message);
    err.flush();
    return code;
  }

  private CommandSpec spec() {
    return Optional.ofNullable(spec).orElseThrow();
  }
}
