package org.vmlog.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.vmlog.logs.VmLog;
import org.vmlog.view.query.LogSelection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog path}: where a VM's log is. */
@Command(
    name = "path",
    description = {
      "Print where virtual machines' logs are, a path a line.",
      "",
      "For other programs, as in: tail -F $(vmlog path web-1). No path has a space or anything"
          + " else in it that a shell would take apart, unless the folder's own has."
    })
final class PathCommand extends LogsCommand {
  @Parameters(paramLabel = "GLOB", arity = "1..*", description = WHICH)
  private List<String> globs = List.of();

  @Option(
      names = {"-a", "--all"},
      description = "All files that there are, rotated ones as well, each VM's oldest first.")
  private boolean all;

  PathCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException {
    PrintWriter out = spec().commandLine().getOut();
    for (VmLog log : logs(folder(), new LogSelection(globs))) {
      if (all) {
        log.paths().forEach(out::println);
      } else {
        out.println(log.current());
      }
    }
    out.flush();
    return ExitCode.OK;
  }
}
