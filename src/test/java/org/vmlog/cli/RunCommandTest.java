package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.RealmPath;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.Realms;
import picocli.CommandLine;

/** What keeps {@code vmlog run} and {@code vmlog intercept} from running anything. */
final class RunCommandTest {
  @TempDir Path folder;

  @Test
  void badArguments_areNamedWithWhatIsAllowed() {
    assertUsage("component name \"a/b\" has a slash", "run", "--name=a/b", "--", "true");
    assertUsage(
        "has 33 bytes; allowed are 1 to 32",
        "run",
        "--name=n",
        "--realm=" + "x".repeat(33),
        "--",
        "true");
    assertUsage("allowed are emerg, alert, crit", "run", "--name=n", "-p", "loud", "--", "true");
    assertUsage("Missing required parameter: 'CMD'", "run", "--name=n");
    assertUsage("Missing required option: '--name=NAME'", "run", "true");
    assertUsage("The root realm is the forwarder's", "intercept", "/");
  }

  @Test
  void withoutABroker_exits69BeforeItRunsAnything() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    Path ran = folder.resolve("ran");
    try (PrivateBus bus = PrivateBus.create().start()) {
      String address = "--bus=" + bus.address();
      assertNoBroker(run("run", address, "--name=n", "--", "touch", ran.toString()));
      assertNoBroker(run("intercept", address, "tests", "--", "touch", ran.toString()));
    }
    assertThat(ran).doesNotExist();
  }

  private static void assertNoBroker(Run run) {
    assertThat(run.code()).isEqualTo(69);
    assertThat(run.err()).contains("name org.vmlog.Realms1").endsWith("; start vmlog-realmd");
  }

  @Test
  void intercept_realmThatCannotBeHad_saysWhy() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start();
        RealmDaemon broker = Realms.broker(bus, folder);
        RealmsClient other = RealmsClient.connect(bus.address())) {
      String address = "--bus=" + bus.address();
      Run orphan = run("intercept", address, "no/such", "--", "true");
      assertThat(orphan.code()).as(orphan.err()).isEqualTo(66);
      assertThat(orphan.err()).isEqualTo("there is no realm no");
      other.createRealm(RealmPath.parse("tests"));
      Run taken = run("intercept", address, "tests", "--", "true");
      assertThat(taken.code()).as(taken.err()).isEqualTo(69);
      assertThat(taken.err()).isEqualTo("there is a realm tests already");
    }
  }

  private record Run(int code, String out, String err) {}

  /** In this process; a command ends with it all the same. */
  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = VmlogCommand.commandLine(Session.ofProcess());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int code = line.execute(arguments);
    return new Run(code, out.toString(), err.toString().strip());
  }

  private static void assertUsage(String message, String... arguments) {
    Run wrong = run(arguments);
    assertThat(wrong.code()).as(wrong.err()).isEqualTo(64);
    assertThat(wrong.err()).contains(message).startsWith("vmlog " + arguments[0] + " --help says");
  }
}
