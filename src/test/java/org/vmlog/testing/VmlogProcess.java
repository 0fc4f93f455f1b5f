package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** The same with its output in a file, which can be read while it runs. */
  public static VmlogProcess startInto(Path file, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" >" + file, "vmlog"));
    command.addAll(java(MAIN, arguments));
    return new VmlogProcess(command);
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
