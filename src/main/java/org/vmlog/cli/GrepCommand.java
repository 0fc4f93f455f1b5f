package org.vmlog.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.VmLog;
import org.vmlog.view.LogLine;
import org.vmlog.view.Search;
import org.vmlog.view.query.LogSelection;
import org.vmlog.view.query.TextMatch;
import org.vmlog.view.render.LinePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog grep}: searches all that there is. */
@Command(
    name = "grep",
    description = {
      "Search virtual machines' logs, all of them from their first lines on.",
      "",
      "What is found comes in the order of time, whichever VM's it is. It is looked for in what"
          + " the guest wrote, the program's tag included, not in times and names."
    },
    exitCodeList = {
      "0:something was found",
      "1:nothing was found",
      "64:wrong usage",
      "66:there is no such folder, or no log in it that is meant",
      "74:a file or folder could not be read or written",
      "77:permission denied, for some of it at least; the rest was searched"
    })
final class GrepCommand extends LogsCommand {
  private static final int NOTHING = 1;

  @Parameters(
      index = "0",
      paramLabel = "REGEX",
      description = "What to look for, a regular expression of RE2's.")
  private String regex = "";

  @Parameters(
      index = "1..*",
      paramLabel = "GLOB",
      arity = "0..*",
      description = WHICH + " Default: all.")
  private List<String> globs = List.of();

  @Option(
      names = {"-F", "--fixed-strings"},
      order = 1,
      description = "It is no regular expression, but the text itself.")
  private boolean fixed;

  @Option(
      names = {"-i", "--ignore-case"},
      order = 2,
      description = "Find it in either case.")
  private boolean ignoreCase;

  @Option(
      names = {"-v", "--invert-match"},
      order = 3,
      description = "Show lines in which it is not found.")
  private boolean inverted;

  @Option(
      names = {"-c", "--count"},
      order = 4,
      description = "Show how many lines there are of each VM that has any, and not the lines.")
  private boolean count;

  @Option(
      names = {"-l", "--list"},
      order = 5,
      description = "Show which VMs have any, and not the lines.")
  private boolean list;

  @Mixin private LineOptions meant = new LineOptions();
  @Mixin private PrintOptions printing = new PrintOptions();

  GrepCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException {
    TextMatch text =
        fixed ? TextMatch.plain(regex, ignoreCase) : TextMatch.regex(regex, ignoreCase);
    LogFolder folder = folder();
    List<VmLog> logs = logs(folder, new LogSelection(globs));
    LinePrinter printer =
        printing.printer(
            session, logs.size() != 1, inverted ? Optional.empty() : Optional.of(text));
    ExecutorService readers = readers();
    try (Search search =
        Search.start(
            folder,
            logs,
            meant.filter(session, Optional.of(text), inverted),
            meant.from(),
            zone(folder),
            readers,
            problems())) {
      boolean found = (count || list) ? counted(search) : shown(search, printer);
      return found || logs.isEmpty() ? ExitCode.OK : NOTHING;
    } finally {
      readers.shutdownNow();
    }
  }

  private boolean shown(Search search, LinePrinter printer) throws IOException {
    boolean found = false;
    for (LogLine line = search.next(); line != null; line = search.next()) {
      printer.print(line, session.out());
      found = true;
    }
    return found;
  }

  private boolean counted(Search search) throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    for (LogLine line = search.next(); line != null; line = search.next()) {
      counts.merge(line.log().shown(), 1L, Long::sum);
    }
    PrintWriter out = spec().commandLine().getOut();
    counts.forEach((log, lines) -> out.println(list ? log : log + ": " + lines));
    out.flush();
    return !counts.isEmpty();
  }

  private static ExecutorService readers() {
    return Executors.newFixedThreadPool(
        Runtime.getRuntime().availableProcessors(),
        task -> {
          Thread thread = new Thread(task, "search");
          thread.setDaemon(true);
          return thread;
        });
  }
}
