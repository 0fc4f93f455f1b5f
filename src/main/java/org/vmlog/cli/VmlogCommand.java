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
    description = "The logs of this host's virtual machines.",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      HelpCommand.class,
      VmCommand.class,
      StatusCommand.class,
      RunCommand.class,
      InterceptCommand.class
    },
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
    StderrLog.install(Level.WARNING);
    // System.exit, not a return: threads of libraries must not outlive the command.
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new VmlogCommand());
    useExitCodes(line);
    return line;
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
