package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A guest's vm-syslog, whose socket and host are on paths of a test's own. */
public final class VmSyslogProcess extends ProgramProcess {
  private static final String MAIN = "org.vmlog.cli.VmSyslog";

  private VmSyslogProcess(List<String> command, Map<String, String> environment)
      throws IOException {
    super(command, environment);
  }

  /**
   * Starts one that reads a socket and no kernel's log, and waits until it is ready. What it is
   * told goes on to the host at once.
   *
   * @param host as {@code --host} has it
   * @param more further arguments, also in the place of these
   */
  public static VmSyslogProcess start(Path devLog, String host, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(more));
    for (List<String> byDefault :
        List.of(
            List.of("--dev-log", devLog.toString()),
            List.of("--host", host),
            List.of("--flush-after", "10ms"),
            List.of("--kmsg", "none"))) {
      if (!arguments.contains(byDefault.get(0))) {
        arguments.addAll(byDefault);
      }
    }
    return launch(Map.of(), arguments.toArray(String[]::new)).awaitReady();
  }

  /** Starts it with any arguments and waits for nothing. */
  public static VmSyslogProcess launch(Map<String, String> environment, String... arguments)
      throws IOException {
    return new VmSyslogProcess(java(MAIN, arguments), environment);
  }

  /** Starts it by another program, which ends up being it; waits for nothing. */
  public static VmSyslogProcess launchUnder(List<String> by, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(by);
    command.addAll(java(MAIN, arguments));
    return new VmSyslogProcess(command, Map.of());
  }

  /** Starts it as it is installed, with the flags it ships with, and waits until it is ready. */
  public static VmSyslogProcess startInstalled(Path program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    return new VmSyslogProcess(command, Map.of()).awaitReady();
  }

  @Override
  public VmSyslogProcess awaitReady() throws IOException {
    super.awaitReady();
    return this;
  }
}
