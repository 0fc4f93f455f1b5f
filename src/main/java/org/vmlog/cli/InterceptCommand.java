package org.vmlog.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.vmlog.bus.BusException;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.ForwardedSignals;
import org.vmlog.platform.ProcessSignals;
import org.vmlog.platform.ServiceManager;
import org.vmlog.realm.run.Interception;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code vmlog intercept}: a realm whose logs come here and nowhere else. */
@Command(
    name = "intercept",
    description = {
      "Make a realm, and show what its components log: NAME: LINE, on stdout.",
      "",
      "For tests that read the logs of what they run. The forwarder gets none of these lines. With a"
          + " command, runs that in the realm, and ends with it; signals are passed on. Without, the"
          + " realm is there when this says ready on stderr, until this ends.",
      ""
    },
    exitCodeList = {
      "0:done",
      "N:with a command, its own; 128 and the signal's number if a signal ended it",
      "64:wrong usage, or a realm that cannot be had",
      "66:the realm above is not there",
      "69:the bus or the broker is not there, or the realm is somebody else's",
      "77:permission denied",
      "126:the command cannot be run",
      "127:there is no such command"
    })
final class InterceptCommand extends BusCommand {
  /** Tells {@code vmlog run} in the command where it is. */
  static final String REALM_VARIABLE = "VMLOG_REALM";

  @Parameters(
      index = "0",
      paramLabel = "REALM",
      converter = RealmConverter.class,
      description = "The realm to make: labels with slashes between them. Those above are there.")
  private RealmPath realm = RealmPath.HERE;

  @Parameters(
      index = "1..*",
      paramLabel = "CMD",
      description =
          "What to run meanwhile, with the realm in $VMLOG_REALM, for vmlog run. Write -- before"
              + " it.")
  private List<String> command = List.of();

  @Override
  String service() {
    return "vmlog-realmd";
  }

  @Override
  int run() throws BusException, InterruptedException {
    if (realm.depth() == 0) {
      throw new ParameterException(spec().commandLine(), "The root realm is the forwarder's");
    }
    try {
      Interception interception = Interception.start(bus(), realm, new Stdout());
      try {
        return command.isEmpty() ? waitForSignal() : runCommand();
      } finally {
        interception.close();
      }
    } catch (IOException e) {
      warn(ExitCode.explain(e));
      return ExitCode.of(e);
    }
  }

  private static int waitForSignal() throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    ProcessSignals.onTerminate(stop::countDown);
    ServiceManager.of(System.getenv()).ready();
    stop.await();
    return ExitCode.OK;
  }

  private int runCommand() throws InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put(REALM_VARIABLE, realm.toString());
    try {
      Process running = builder.start();
      ForwardedSignals.to(running, () -> {});
      return running.waitFor();
    } catch (IOException e) {
      warn(String.valueOf(e.getMessage()));
      return ExitCode.ofCommand(command.get(0), System.getenv().getOrDefault("PATH", ""));
    }
  }
}
