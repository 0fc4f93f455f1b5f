package org.vmlog.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.StderrLog;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
      "Without a command it is tail: vmlog -f 'web-*' follows VMs, vmlog -S 1h -p err shows the"
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
  @Spec private @Nullable CommandSpec spec;

  /** The program. */
  public static void main(String[] args) {
    CommandLine line = commandLine(Session.ofProcess());
    String[] command = withCommand(line, args);
    if (!looksAtLogs(line, command)) {
      StderrLog.install(Level.WARNING); // takes a while, and libraries alone have a use for it
    }
    // System.exit, not a return: threads of libraries must not outlive the command.
    System.exit(line.execute(command));
  }

  static CommandLine commandLine(Session session) {
    CommandLine line = new CommandLine(new VmlogCommand());
    line.addSubcommand(new TailCommand(session));
    line.addSubcommand(new GrepCommand(session));
    line.addSubcommand(new LsCommand(session));
    line.addSubcommand(new PathCommand(session));
    line.addSubcommand(new StatusCommand());
    line.addSubcommand(new VmCommand());
    line.addSubcommand(new HelpCommand());
    useExitCodes(line);
    return line;
  }

  /** What is no command, nor an option of this one, is tail's. */
  static String[] withCommand(CommandLine line, String... args) {
    if (args.length == 0
        || line.getSubcommands().containsKey(args[0])
        || line.getCommandSpec().optionsMap().containsKey(args[0])) {
      return args;
    }
    String[] tail = new String[args.length + 1];
    tail[0] = "tail";
    System.arraycopy(args, 0, tail, 1, args.length);
    return tail;
  }

  private static boolean looksAtLogs(CommandLine line, String... args) {
    CommandLine named = args.length == 0 ? null : line.getSubcommands().get(args[0]);
    return named != null && named.getCommand() instanceof LogsCommand;
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
