package org.vmlog.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.BusException;
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
      "For tests that read the logs of what they run. The forwarder gets none of these lines. The"
          + " realm is there when this says ready on stderr, and is gone when it ends.",
      ""
    })
final class InterceptCommand extends BusCommand {
  @Parameters(
      paramLabel = "REALM",
      converter = RealmConverter.class,
      description = "The realm to make: labels with slashes between them. Those above are there.")
  private RealmPath realm = RealmPath.HERE;

  @Override
  String service() {
    return "vmlog-realmd";
  }

  @Override
  int run() throws BusException, InterruptedException {
    if (realm.depth() == 0) {
      throw new ParameterException(spec().commandLine(), "The root realm is the forwarder's");
    }
    CountDownLatch stop = new CountDownLatch(1);
    ProcessSignals.onTerminate(stop::countDown);
    Interception interception;
    try {
      interception = Interception.start(bus(), realm, System.out);
    } catch (IOException e) {
      warn(ExitCode.explain(e));
      return ExitCode.of(e);
    }
    try {
      ServiceManager.of(System.getenv()).ready();
      stop.await();
      return ExitCode.OK;
    } finally {
      interception.close();
    }
  }
}
