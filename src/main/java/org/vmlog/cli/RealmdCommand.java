package org.vmlog.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ConfigDescription;
import org.vmlog.config.ConfigException;
import org.vmlog.config.RealmdConfig;
import org.vmlog.config.RealmdConfigReader;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.StderrLog;
import org.vmlog.realm.dbus.RealmDaemon;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmlog-realmd}: runs the broker of realms in the foreground until it is told to stop. */
@Command(
    name = "vmlog-realmd",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeOnInvalidInput = ExitCode.USAGE,
    exitCodeOnExecutionException = ExitCode.SOFTWARE,
    description = {
      "Tells whoever serves the logs of this host's components which component is which.",
      "",
      "Runs in the foreground. SIGTERM ends it; connections that it has handed over go on."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended by SIGTERM or SIGINT",
      "64:wrong usage",
      "66:the file named with --config is missing",
      "74:a file or folder could not be read or written",
      "77:permission denied",
      "78:the configuration is wrong"
    })
public final class RealmdCommand extends DaemonCommand {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "The configuration. Default: /etc/vmlog/realmd.toml if there is one.",
        "Files realmd.d/*.toml beside it are read after it, in the order of their names."
      })
  private @Nullable Path file;

  @Option(
      names = "--check-config",
      description =
          "Print the configuration that is in force, or everything wrong with it, and exit.")
  private boolean check;

  /** The program. */
  public static void main(String[] args) {
    // System.exit, not a return: threads of libraries must not outlive the daemon.
    System.exit(
        new Stdout().run(new CommandLine(new RealmdCommand()).setExpandAtFiles(false), args));
  }

  @Override
  int start() throws ConfigException, IOException, InterruptedException {
    RealmdConfigReader reader = new RealmdConfigReader(System.getenv());
    RealmdConfig config = file == null ? reader.readDefault() : reader.read(file);
    if (check) {
      print(ConfigDescription.of(config));
      return ExitCode.OK;
    }
    StderrLog.install(config.logLevel());
    return run(config);
  }

  private static int run(RealmdConfig config) throws IOException, InterruptedException {
    ServiceManager manager = ServiceManager.of(System.getenv());
    CountDownLatch stop = new CountDownLatch(1);
    ProcessSignals.onTerminate(stop::countDown);
    RealmDaemon daemon =
        RealmDaemon.start(config.busAddress(), config.groups(), config.sinks(), config.limits());
    try {
      manager.ready();
      daemon.showLife(manager);
      stop.await();
      manager.stopping();
    } finally {
      daemon.close();
    }
    return ExitCode.OK;
  }
}
