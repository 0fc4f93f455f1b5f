package org.vmlog.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.OneLine;
import org.vmlog.platform.StderrLog;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code vmlog}: what people and launchers type. Everything it does is one of its subcommands. */
@Command(
    name = "vmlog",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    customSynopsis = {
      "vmlog [tail] [-f] [-n N] [-S TIME] [-p LEVEL] [-g REGEX] GLOB...",
      "vmlog COMMAND ..."
    },
    description = {
      "The logs of this host's virtual machines.",
      "",
      "Without a command it is tail: vmlog alone shows the last lines of all, vmlog -f 'web-*' follows VMs, vmlog -S 1h -p err shows the"
          + " last hour's errors of all. vmlog COMMAND --help says more."
    },
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "64:wrong usage",
      "66:a file that was named is missing",
      "69:the forwarder or the bus is not there",
      "74:a file or folder could not be read or written",
      "77:permission denied"
    })
public final class VmlogCommand implements Callable<Integer> {
  /** The options that are no command's. */
  private static final Set<String> OPTIONS = Set.of("-h", "--help", "-V", "--version");

  /** Those that need none of them. */
  private static final Set<String> VERSION = Set.of("-V", "--version");

  @Spec private @Nullable CommandSpec spec;

  /** The program. */
  public static void main(String[] args) {
    Session session = Session.ofProcess();
    Map<String, Supplier<Object>> commands = commands(session);
    String[] command = withCommand(commands.keySet(), args);
    Supplier<Object> only = commands.get(command[0]);
    Object named = only == null ? new HelpCommand() : only.get();
    // Each command that is put together costs time, and most runs are of one.
    boolean all = named instanceof HelpCommand && !VERSION.containsAll(List.of(command));
    CommandLine line = commandLine(all ? commands : Map.of("", () -> named));
    if (!(named instanceof LogsCommand)) {
      StderrLog.install(Level.WARNING); // takes a while, too, and libraries alone have a use for it
    }
    // System.exit, not a return: threads of libraries must not outlive the command.
    System.exit(session.out().run(line, command));
  }

  /** All that this can do, as a description of it needs it. */
  public static CommandLine commandLine() {
    return commandLine(Session.ofProcess());
  }

  static CommandLine commandLine(Session session) {
    return commandLine(commands(session));
  }

  private static CommandLine commandLine(Map<String, Supplier<Object>> commands) {
    CommandLine line = new CommandLine(new VmlogCommand()).setExpandAtFiles(false);
    commands.values().forEach(command -> line.addSubcommand(command.get()));
    useExitCodes(line);
    return line.setParameterExceptionHandler((wrong, arguments) -> explain(wrong));
  }

  /** What is wrong comes last, where it is seen; picocli would have all of the help behind it. */
  private static int explain(ParameterException wrong) {
    CommandLine line = wrong.getCommandLine();
    PrintWriter err = line.getErr();
    err.println(line.getCommandSpec().qualifiedName() + " --help says what it takes");
    List<String> meant =
        wrong instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    err.println(
        OneLine.of(
            wrong.getMessage()
                + (meant.isEmpty() ? "" : "; it may be " + String.join(" or ", meant))));
    err.flush();
    return ExitCode.USAGE;
  }

  private static Map<String, Supplier<Object>> commands(Session session) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("tail", () -> new TailCommand(session));
    commands.put("grep", () -> new GrepCommand(session));
    commands.put("last-words", () -> new LastWordsCommand(session));
    commands.put("ls", () -> new LsCommand(session));
    commands.put("path", () -> new PathCommand(session));
    commands.put("web", () -> new WebCommand(session));
    commands.put("export", () -> new ExportCommand(session));
    commands.put("status", StatusCommand::new);
    commands.put("top", () -> new TopCommand(session));
    commands.put("doctor", () -> new DoctorCommand(session, Path.of("/")));
    commands.put("vm", VmCommand::new);
    commands.put("run", RunCommand::new);
    commands.put("intercept", InterceptCommand::new);
    commands.put("help", HelpCommand::new);
    return commands;
  }

  /** What is no command, nor an option of this one, is tail's; nothing, too. */
  static String[] withCommand(Set<String> commands, String... args) {
    if (args.length > 0 && (commands.contains(args[0]) || OPTIONS.contains(args[0]))) {
      return args;
    }
    String[] tail = new String[args.length + 1];
    tail[0] = "tail";
    System.arraycopy(args, 0, tail, 1, args.length);
    return tail;
  }

  /** picocli would have each command say it for itself. */
  private static void useExitCodes(CommandLine line) {
    line.getCommandSpec().exitCodeOnInvalidInput(ExitCode.USAGE);
    line.getCommandSpec().exitCodeOnExecutionException(ExitCode.SOFTWARE);
    line.getSubcommands().values().forEach(VmlogCommand::useExitCodes);
  }

  @Override
  public Integer call() {
    CommandLine line = Optional.ofNullable(spec).orElseThrow().commandLine();
    throw new ParameterException(line, "Missing command");
  }
}
