package org.vmlog.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.Problems;
import org.vmlog.logs.VmLog;
import org.vmlog.platform.HostZone;
import org.vmlog.platform.OneLine;
import org.vmlog.view.query.LogSelection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands that look at logs have in common. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "64:wrong usage",
      "66:there is no such folder, or no log in it that is meant",
      "74:a file or folder could not be read or written",
      "77:permission denied, for some of it at least; the rest was shown"
    })
abstract class LogsCommand implements Callable<Integer> {
  /** What a GLOB is. */
  static final String WHICH =
      "Which VMs: NAME or OWNER/NAME, with *, ? and [a-z]; '!GLOB' takes some out again.";

  /** What brings the first line. */
  private static final String NEXT =
      "vmlog vm start OWNER/NAME announces a VM, and vmlog doctor says what is missing";

  /** Other programs' commands, which here are taken for a VM's name. */
  private static final Map<String, String> HABITS =
      Map.of(
          "logs", "vmlog NAME shows a VM's lines",
          "list", "vmlog ls lists them, and vmlog vm list those VMs that are live",
          "follow", "vmlog -f NAME follows a VM");

  final Session session;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      order = 90,
      description =
          "The folder with the logs. Default: $$VMLOG_DIRECTORY; without that, what the forwarder's"
              + " configuration says, if you may read it; else /var/log/vmlog.")
  private @Nullable Path directory;

  private final Set<Path> warned = new HashSet<>();
  private int code = ExitCode.OK;

  LogsCommand(Session session) {
    this.session = session;
  }

  /** Does it, and answers the exit code if nothing worse happens. */
  abstract int run() throws IOException, InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    try {
      int done = run();
      session.out().flush();
      return done == ExitCode.OK ? code : done;
    } catch (IllegalArgumentException e) {
      warn(String.valueOf(e.getMessage()));
      return ExitCode.USAGE;
    } catch (NoSuchFileException | NotDirectoryException e) {
      warn("no such folder: %s; --directory names another. %s".formatted(e.getFile(), NEXT));
      return ExitCode.NO_INPUT;
    } catch (Stdout.ReaderGoneException e) {
      return ExitCode.OK; // it has seen enough
    } catch (Stdout.FailedException e) {
      return ExitCode.IO; // which is said once, for all commands
    } catch (IOException e) {
      warn(ExitCode.explain(e));
      return ExitCode.of(e);
    } catch (VirtualMachineError e) {
      warn("cannot go on: " + (e instanceof OutOfMemoryError ? "out of memory" : e));
      return ExitCode.IO;
    }
  }

  final LogFolder folder() throws IOException {
    return LogFolder.open(directory().toAbsolutePath().normalize(), problems());
  }

  final Path directory() {
    String environment = session.environment().getOrDefault("VMLOG_DIRECTORY", "");
    if (directory != null) {
      return directory;
    }
    return environment.isEmpty() ? ForwarderFolders.configured().logs() : Path.of(environment);
  }

  /** The zone of the times in these logs, whatever the reader's is. */
  final ZoneId zone(LogFolder folder) {
    return HostZone.ofLogs(folder.path()).orElse(session.zone());
  }

  /** The logs that are meant; says so if there are none. */
  final List<VmLog> logs(LogFolder folder, LogSelection selection) throws IOException {
    List<VmLog> meant =
        folder.logs().stream()
            .filter(log -> selection.matches(log.name().owner(), log.name().name()))
            .toList();
    if (meant.isEmpty() && code == ExitCode.OK) {
      String asked = selection.toString();
      warn(
          asked.isEmpty()
              ? "no log in %s yet; each VM's begins with its first line. %s"
                  .formatted(folder.path(), NEXT)
              : "no log that matches %s in %s; %s"
                  .formatted(
                      asked,
                      folder.path(),
                      HABITS.getOrDefault(asked.split(" ", 2)[0], "vmlog ls lists them")));
      code = ExitCode.NO_INPUT;
    }
    return meant;
  }

  /** There is something to show after all. */
  final void forgive() {
    code = code == ExitCode.NO_INPUT ? ExitCode.OK : code;
  }

  /** Says once of each file or folder why it is left out, and remembers it in the exit code. */
  final Problems problems() {
    return this::leftOut;
  }

  private synchronized void leftOut(Path path, Exception cause) {
    if (warned.add(path)) {
      boolean denied = cause instanceof AccessDeniedException;
      String why =
          denied
              ? "permission denied"
              : Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
      warn(path + " is left out, from where it cannot be read: " + why);
      code = denied ? ExitCode.NO_PERMISSION : Math.max(code, ExitCode.IO);
    }
  }

  /** Says something on stderr; it may hold what others have chosen. */
  final void warn(String message) {
    note(OneLine.of(message) + "\n");
  }

  /** Prints what is harmless already, behind all that was shown. */
  final void note(String text) {
    try {
      session.out().flush();
    } catch (IOException e) {
      // Stdout remembers it, and ends the next print with it.
    }
    PrintWriter err = spec().commandLine().getErr();
    err.print(text);
    err.flush();
  }

  final CommandSpec spec() {
    return Optional.ofNullable(spec).orElseThrow();
  }
}
