package org.vmlog.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vmlog vm}: says which VMs there are, and asks for that. */
@Command(
    name = "vm",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Announce virtual machines to the forwarder, and list those that it knows.",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      HelpCommand.class,
      VmStartCommand.class,
      VmStopCommand.class,
      VmListCommand.class
    })
final class VmCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        Optional.ofNullable(spec).orElseThrow().commandLine(), "Missing command");
  }
}
