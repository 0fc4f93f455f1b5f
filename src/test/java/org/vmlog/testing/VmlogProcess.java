package org.vmlog.testing;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code vmlog}, the command that people type. */
public final class VmlogProcess extends ProgramProcess {
  private static final String MAIN = "org.vmlog.cli.VmlogCommand";

  private VmlogProcess(List<String> command) throws IOException {
    super(command, Map.of());
  }

  /** Starts it and waits for nothing. */
  public static VmlogProcess start(String... arguments) throws IOException {
    return new VmlogProcess(java(MAIN, arguments));
  }

  /** The command that starts it, for a shell. */
  public static String shellCommand() {
    return String.join(" ", java(MAIN));
  }

  /** Sends SIGINT, as Ctrl-C does. */
  public void interrupt() throws IOException {
    signal("INT");
  }
}
