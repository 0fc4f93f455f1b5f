package org.vmlog.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.vmlog.config.ConfigException;
import org.vmlog.config.GuestConfig;
import org.vmlog.config.GuestConfigReader;
import org.vmlog.guest.GuestDaemon;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.StderrLog;
import picocli.CommandLine;

/**
 * {@code vm-syslog}: runs a guest's syslog daemon in the foreground until it is told to stop.
 *
 * <p>It starts while a guest boots, and picocli would take a third of the time to its first record:
 * so what is plainly right on the command line, {@code --name value} again and again, is taken as
 * it is, and only the rest is given to {@link VmSyslogCommand}, which asks for help or is wrong.
 */
public final class VmSyslog {
  static final String CONFIG = "--config";

  /** The options of {@link VmSyslogCommand} that have a value. */
  static final Set<String> FLAGS =
      Set.of(
          "--buffer",
          "--buffer-file",
          "--buffer-file-size",
          CONFIG,
          "--dev-log",
          "--dev-log-type",
          "--flush-after",
          "--flush-bytes",
          "--host",
          "--journal-socket",
          "--kmsg",
          "--log-level",
          "--sender");

  private VmSyslog() {}

  /** The program. */
  public static void main(String[] args) throws InterruptedException {
    Optional<Map<String, String>> flags = plain(args);
    // System.exit, not a return: threads of libraries must not outlive the daemon.
    System.exit(
        flags.isPresent()
            ? run(flags.get(), System.err::println)
            : new Stdout()
                .run(new CommandLine(new VmSyslogCommand()).setExpandAtFiles(false), args));
  }

  /** Takes arguments apart that are all {@code --name value}, with no name twice. */
  static Optional<Map<String, String>> plain(String... args) {
    Map<String, String> flags = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      boolean good = FLAGS.contains(args[i]) && i + 1 < args.length && !args[i + 1].startsWith("-");
      if (!good || flags.put(args[i], args[i + 1]) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(flags);
  }

  /**
   * Runs the daemon; answers the exit code.
   *
   * @param err takes what keeps it from starting, a line or more
   */
  static int run(Map<String, String> flags, Consumer<String> err) throws InterruptedException {
    StderrLog.install(Level.INFO, GuestDaemon.logTag());
    try {
      GuestConfigReader reader = new GuestConfigReader(System.getenv(), flags);
      String file = flags.get(CONFIG);
      GuestConfig config = file == null ? reader.readDefault() : reader.read(Path.of(file));
      StderrLog.install(config.logLevel(), GuestDaemon.logTag());
      return run(config);
    } catch (ConfigException e) {
      err.accept(String.valueOf(e.getMessage()));
      return GuestConfigReader.isOfFlags(e) ? ExitCode.USAGE : ExitCode.CONFIG;
    } catch (NoSuchFileException e) {
      err.accept("no such file: " + e.getFile());
      return ExitCode.NO_INPUT;
    } catch (IOException e) {
      err.accept(ExitCode.explain(e));
      return ExitCode.of(e);
    }
  }

  private static int run(GuestConfig config) throws IOException, InterruptedException {
    ServiceManager manager = ServiceManager.of(System.getenv());
    AtomicInteger exitCode = new AtomicInteger(ExitCode.OK);
    CountDownLatch stop = new CountDownLatch(1);
    Runnable onFailure =
        () -> {
          exitCode.set(ExitCode.SOFTWARE);
          stop.countDown();
        };
    ProcessSignals.onTerminate(stop::countDown);
    try (GuestDaemon daemon = GuestDaemon.start(config, System.getenv(), onFailure)) {
      manager.ready();
      daemon.connect();
      stop.await();
      manager.stopping();
    }
    return exitCode.get();
  }
}
