package org.vmlog.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
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
import picocli.CommandLine.ParameterException;
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
      arity = "0..1",
      paramLabel = "REGEX",
      description = "What to look for, a regular expression of RE2's. With -e it is a GLOB.")
  private @Nullable String first;

  @Parameters(
      index = "1..*",
      paramLabel = "GLOB",
      arity = "0..*",
      description = WHICH + " Default: all.")
  private List<String> globs = List.of();

  @Option(
      names = {"-e", "--regexp"},
      paramLabel = "REGEX",
      order = 1,
      description = "What to look for; may be given more than once, and one has to be found.")
  private List<String> regexes = List.of();

  @Option(
      names = {"-w", "--word-regexp"},
      order = 1,
      description = "Find it as a whole word alone.")
  private boolean word;

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

  @Option(
      names = {"-m", "--max-count"},
      paramLabel = "N",
      order = 6,
      description = "Stop after N lines, the first in the order of time.")
  private long most = Long.MAX_VALUE;

  @Option(
      names = {"-q", "--quiet"},
      order = 7,
      description = "Show nothing; the exit code says whether there are any.")
  private boolean quiet;

  @Mixin private LineOptions meant = new LineOptions();
  @Mixin private PrintOptions printing = new PrintOptions();

  GrepCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException {
    if (most < 0) {
      throw new IllegalArgumentException("-m %s; allowed is 0 and more".formatted(most));
    }
    List<String> which = new ArrayList<>();
    if (first != null && !regexes.isEmpty()) {
      which.add(first);
    }
    which.addAll(globs);
    TextMatch text = TextMatch.any(sought(), fixed, word, ignoreCase);
    LogFolder folder = folder();
    List<VmLog> logs = logs(folder, new LogSelection(which));
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
      boolean found =
          quiet
              ? search.next() != null
              : (count || list) ? counted(search) : shown(search, printer);
      return found || logs.isEmpty() ? ExitCode.OK : NOTHING;
    } finally {
      readers.shutdownNow();
    }
  }

  private List<String> sought() {
    if (!regexes.isEmpty()) {
      return regexes;
    }
    if (first == null) {
      throw new ParameterException(spec().commandLine(), "Missing required parameter: 'REGEX'");
    }
    return List.of(first);
  }

  private boolean shown(Search search, LinePrinter printer) throws IOException {
    long shown = 0;
    for (LogLine line = next(search, 0); line != null; line = next(search, shown)) {
      printer.print(line, session.out());
      shown++;
    }
    return shown > 0;
  }

  private boolean counted(Search search) throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    long counted = 0;
    for (LogLine line = next(search, 0); line != null; line = next(search, ++counted)) {
      counts.merge(line.log().shown(), 1L, Long::sum);
    }
    PrintWriter out = spec().commandLine().getOut();
    counts.forEach((log, lines) -> out.println(list ? log : log + ": " + lines));
    out.flush();
    return !counts.isEmpty();
  }

  private @Nullable LogLine next(Search search, long had) throws IOException {
    return had < most ? search.next() : null;
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
