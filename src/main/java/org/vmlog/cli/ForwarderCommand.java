package org.vmlog.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ConfigDescription;
import org.vmlog.config.ConfigException;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.config.ForwarderConfigReader;
import org.vmlog.forwarder.ForwarderDaemon;
import org.vmlog.platform.InheritedSockets;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.StderrLog;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmlog-forwarder}: runs the host daemon in the foreground until it is told to stop. */
@Command(
    name = "vmlog-forwarder",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeOnInvalidInput = ExitCode.USAGE,
    exitCodeOnExecutionException = ExitCode.SOFTWARE,
    description = {
      "Receives the logs of virtual machines and writes each to its VM's own file.",
      "",
      "Runs in the foreground. SIGTERM writes out what has come in and ends it; SIGHUP has it"
          + " open its log files anew."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended by SIGTERM or SIGINT",
      "64:wrong usage",
      "66:the file named with --config is missing",
      "69:an address, a socket or the log folder is in use, or cannot be had",
      "74:a file or folder could not be read or written",
      "77:permission denied",
      "78:the configuration is wrong"
    })
public final class ForwarderCommand extends DaemonCommand {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration. Default: /etc/vmlog/forwarder.toml if there is one. Files"
              + " forwarder.d/*.toml beside it are read after it, in the order of their names.")
  private @Nullable Path file;

  @Option(
      names = "--check-config",
      description =
          "Print the configuration that is in force, or everything wrong with it, and exit.")
  private boolean check;

  @Option(
      names = "--disable-log-connector",
      description =
          "Do not take the log connector of the broker of realms, as attribution.log_connector ="
              + " false does. Events and plain sinks go on.")
  private boolean disableLogConnector;

  /** The program. */
  public static void main(String[] args) {
    // System.exit, not a return: threads of libraries must not outlive the daemon.
    System.exit(
        new Stdout().run(new CommandLine(new ForwarderCommand()).setExpandAtFiles(false), args));
  }

  @Override
  int start() throws ConfigException, IOException, InterruptedException {
    ForwarderConfigReader reader = new ForwarderConfigReader(System.getenv());
    ForwarderConfig read = file == null ? reader.readDefault() : reader.read(file);
    ForwarderConfig config = disableLogConnector ? read.withoutLogConnector() : read;
    if (check) {
      print(ConfigDescription.of(config));
      return ExitCode.OK;
    }
    StderrLog.install(config.logLevel());
    try {
      return run(config);
    } catch (AccessDeniedException e) {
      System.err.println(
          "without root, set VMLOG_HOME to a folder of your own, which then holds everything");
      throw e;
    }
  }

  private static int run(ForwarderConfig config) throws IOException, InterruptedException {
    ServiceManager manager = ServiceManager.of(System.getenv());
    CountDownLatch stop = new CountDownLatch(1);
    ProcessSignals.onTerminate(stop::countDown);
    List<InheritedSockets.Inherited> inherited = InheritedSockets.of(System.getenv());
    try (ForwarderDaemon daemon = ForwarderDaemon.start(config, inherited, manager)) {
      ProcessSignals.onHangup(
          () -> {
            manager.reloading();
            daemon.reopenFiles();
            manager.ready();
          });
      manager.ready();
      stop.await();
      manager.stopping();
    }
    return ExitCode.OK;
  }
}
