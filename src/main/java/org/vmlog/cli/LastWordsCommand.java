package org.vmlog.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.VmLog;
import org.vmlog.view.From;
import org.vmlog.view.History;
import org.vmlog.view.LiveSockets;
import org.vmlog.view.LogLine;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.LogSelection;
import org.vmlog.view.render.LinePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog last-words}: what a VM logged before it died. */
@Command(
    name = "last-words",
    description = {
      "Show what a VM said last before it died.",
      "",
      "Of a VM that lives again, these are the last lines of its start before this one; of a VM"
          + " that does not, its last lines. They are of its kernel, programs, console and monitor,"
          + " from rotated and compressed files as well."
    })
final class LastWordsCommand extends LogsCommand {
  @Parameters(paramLabel = "VM", arity = "1..*", description = WHICH)
  private List<String> globs = List.of();

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      order = 1,
      defaultValue = "30",
      description = "So many of the last lines that are meant. Default: ${DEFAULT-VALUE}.")
  private int lines;

  @Mixin private PrintOptions printing = new PrintOptions();

  LastWordsCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException {
    if (lines < 1) {
      throw new IllegalArgumentException("-n " + lines + "; allowed is 1 or more");
    }
    LogFolder folder = folder();
    List<VmLog> logs = logs(folder, new LogSelection(globs));
    LiveSockets sockets = new LiveSockets(ForwarderFolders.configured().sockets());
    LinePrinter printer = printing.printer(session, logs.size() != 1, Optional.empty());
    int code = ExitCode.OK;
    for (VmLog log : logs) {
      boolean live = sockets.isLive(log);
      if (!live && sockets.areHidden(log)) {
        warn(
            log.name().shown()
                + " is taken for dead, since you may not see its sockets; if it lives, these are"
                + " no last words: vmlog tail -b -1 has those");
      }
      if (!show(folder, log, new From.Start(live ? -1 : 0, lines), printer)) {
        warn(
            log.name().shown()
                + (live ? " lives, and its log has no earlier start" : " has logged nothing"));
        code = ExitCode.NO_INPUT;
      }
    }
    return code;
  }

  private boolean show(LogFolder folder, VmLog log, From from, LinePrinter printer)
      throws IOException {
    boolean shown = false;
    try (History history =
        History.open(folder, List.of(log), LineFilter.ALL, from, zone(folder), problems())) {
      for (LogLine line = history.next(); line != null; line = history.next()) {
        printer.print(line, session.out());
        shown = true;
      }
    }
    return shown;
  }
}
