package org.vmlog.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.vmlog.config.ConfigException;
import org.vmlog.config.ShipConfig;
import org.vmlog.config.ShipConfigReader;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.StderrLog;
import org.vmlog.ship.ShipDaemon;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmlog-ship}: ships logs in the foreground until it is told to stop. */
@Command(
    name = "vmlog-ship",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeOnInvalidInput = ExitCode.USAGE,
    exitCodeOnExecutionException = ExitCode.SOFTWARE,
    description = {
      "Ships what the forwarder has written to an engine that collects the logs of many hosts.",
      "",
      "Runs in the foreground. It reads the log files and the ids of the files in the forwarder's"
          + " state folder, and keeps how far it got. SIGTERM waits for what is under way, five"
          + " seconds at most, and ends it."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended by SIGTERM or SIGINT",
      "64:wrong usage",
      "66:a file or folder that was named is missing",
      "69:another vmlog-ship uses the state folder",
      "74:a file or folder could not be read or written",
      "77:permission denied",
      "78:the configuration is wrong"
    })
public final class VmlogShipCommand extends DaemonCommand {
  /** Held, since the LogManager forgets the levels of loggers that nobody holds. */
  private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "Default: /etc/vmlog/vmlog-ship.toml.",
        "Files vmlog-ship.d/*.toml beside it are read after it, in the order of their names."
      })
  private @Nullable Path file;

  @Option(
      names = "--check-config",
      description = "Say what is wrong with the configuration, if anything is, and end.")
  private boolean check;

  /** The program. */
  public static void main(String[] args) {
    // System.exit, not a return: threads of libraries must not outlive the daemon.
    System.exit(
        new Stdout().run(new CommandLine(new VmlogShipCommand()).setExpandAtFiles(false), args));
  }

  @Override
  int start() throws ConfigException, IOException, InterruptedException {
    ShipConfigReader reader = new ShipConfigReader(System.getenv());
    ShipConfig config = file == null ? reader.readDefault() : reader.read(file);
    StderrLog.install(config.logLevel());
    // What it says every second of a cluster that is away, the status says once.
    KAFKA.setLevel(Level.SEVERE);
    return check ? ExitCode.OK : run(config);
  }

  /** A folder that was named may be what is missing; who found out says so. */
  @Override
  String missing(NoSuchFileException e) {
    return e.getReason() == null ? super.missing(e) : String.valueOf(e.getMessage());
  }

  private static int run(ShipConfig config) throws IOException, InterruptedException {
    ServiceManager manager = ServiceManager.of(System.getenv());
    try (ShipDaemon daemon = ShipDaemon.open(config)) {
      ProcessSignals.onTerminate(
          () -> {
            manager.stopping();
            daemon.stop();
          });
      manager.ready();
      daemon.run();
    }
    return ExitCode.OK;
  }
}
