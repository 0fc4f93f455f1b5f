package org.vmlog.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vmlog.platform.Amount;
import org.vmlog.platform.Json;
import org.vmlog.view.LogUsage;
import org.vmlog.view.query.LogSelection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmlog ls}: which logs there are. */
@Command(
    name = "ls",
    description = {
      "List the virtual machines that have logs, with what those take.",
      "",
      "Of a VM that has gone the log stays: vmlog vm list says which are live."
    })
final class LsCommand extends LogsCommand {
  private static final Comparator<LogUsage> BY_SIZE =
      Comparator.comparingLong(LogUsage::bytes).reversed();
  private static final Comparator<LogUsage> BY_TIME =
      Comparator.comparing(LogUsage::modified).reversed();

  @Parameters(paramLabel = "GLOB", arity = "0..*", description = WHICH + " Default: all.")
  private List<String> globs = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, a table; or json, one object a line. Default: ${DEFAULT-VALUE}.")
  private OutputFormat output = OutputFormat.text;

  @Option(
      names = {"-s", "--size"},
      description = "The largest first, in place of the order of names.")
  private boolean bySize;

  @Option(
      names = {"-t", "--time"},
      description = "Those that were written to last first.")
  private boolean byTime;

  LsCommand(Session session) {
    super(session);
  }

  @Override
  int run() throws IOException {
    List<LogUsage> usages = new ArrayList<>();
    logs(folder(), new LogSelection(globs))
        .forEach(log -> LogUsage.of(log, problems()).ifPresent(usages::add));
    if (bySize || byTime) {
      usages.sort(bySize ? BY_SIZE : BY_TIME);
    }
    if (output == OutputFormat.json) {
      usages.forEach(usage -> spec().commandLine().getOut().println(Json.of(object(usage))));
    } else if (!usages.isEmpty()) {
      table(usages).print(spec().commandLine().getOut(), 0);
    }
    spec().commandLine().getOut().flush();
    return ExitCode.OK;
  }

  private TextTable table(List<LogUsage> usages) {
    TextTable table = new TextTable().row("VM", "FILES", "SIZE", "LAST WRITTEN", "LOG");
    for (LogUsage usage : usages) {
      table.row(
          usage.log().name().shown(),
          Integer.toString(usage.files()),
          Amount.bytes(usage.bytes()),
          Shown.time(usage.modified().toEpochMilli() * 1000),
          Shown.text(usage.log().current()));
    }
    return table;
  }

  private static Map<String, Object> object(LogUsage usage) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("owner", usage.log().name().owner());
    object.put("name", usage.log().name().name());
    object.put("files", usage.files());
    object.put("bytes", usage.bytes());
    object.put("modified", usage.modified().toEpochMilli() * 1000);
    object.put("log", usage.log().current().toString());
    return object;
  }
}
