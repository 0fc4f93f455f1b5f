package org.vmlog.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vmlog.bus.BusClient;
import org.vmlog.bus.BusException;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.platform.OneLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands that talk to a daemon over the bus have in common. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "64:wrong usage, or a value that the forwarder does not take",
      "66:there is no such VM",
      "69:the bus or the forwarder is not there, or what was asked for is somebody else's",
      "74:what the VM needs could not be opened",
      "77:permission denied"
    })
abstract class BusCommand implements Callable<Integer> {
  static final String FORWARDER = "vmlog-forwarder";

  private static final String BUS_ERRORS = "org.freedesktop.DBus.Error.";
  private static final String FORWARDERS_ERRORS = "org.vmlog.Error.";

  /** Of every other error there is only what the bus or systemd says: it could not be started. */
  private static final Map<String, Integer> CODES =
      Map.of(
          BusClient.NOT_LET_IN,
          ExitCode.NO_PERMISSION,
          BusException.DENIED,
          ExitCode.NO_PERMISSION,
          FORWARDERS_ERRORS + "Denied",
          ExitCode.NO_PERMISSION,
          BusException.INVALID_ARGUMENTS,
          ExitCode.USAGE,
          BUS_ERRORS + "LimitsExceeded",
          ExitCode.USAGE,
          FORWARDERS_ERRORS + "InvalidArgument",
          ExitCode.USAGE,
          FORWARDERS_ERRORS + "NotFound",
          ExitCode.NO_INPUT,
          FORWARDERS_ERRORS + "Failed",
          ExitCode.IO);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--bus",
      paramLabel = "ADDRESS",
      defaultValue = "system",
      description =
          "The bus that the daemon is on: \"system\", or a D-Bus address. Default:"
              + " ${DEFAULT-VALUE}.")
  private String bus = "system";

  /** Does it, with errors as they come from the bus. */
  abstract int run() throws BusException, InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    try {
      return run();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec().commandLine(), String.valueOf(e.getMessage()), e);
    } catch (BusException e) {
      warn(explain(e, service()));
      return CODES.getOrDefault(e.name(), ExitCode.UNAVAILABLE);
    }
  }

  /** The address of the bus. */
  final String bus() {
    return bus;
  }

  /** The program that answers on the bus. */
  String service() {
    return FORWARDER;
  }

  final ForwarderClient connect() throws BusException {
    return ForwarderClient.connect(bus);
  }

  /** One line that says what happened and what to do about it. */
  static String explain(BusException e, String service) {
    String hint =
        switch (e.name()) {
          case BusException.UNKNOWN_SERVICE -> "; start " + service;
          case BusException.DENIED -> "; be root, or in the group vmlog-admin";
          default -> "";
        };
    return e.getMessage() + hint;
  }

  /** Says something on stderr; it may hold what others have chosen. */
  final void warn(String message) {
    PrintWriter err = spec().commandLine().getErr();
    err.println(OneLine.of(message));
    err.flush();
  }

  final PrintWriter out() {
    return spec().commandLine().getOut();
  }

  final CommandSpec spec() {
    return Optional.ofNullable(spec).orElseThrow();
  }
}
