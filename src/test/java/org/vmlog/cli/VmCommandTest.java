package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmlogProcess;
import picocli.CommandLine;

/** {@code vmlog vm …} as people type it, against a real forwarder on a real bus. */
final class VmCommandTest {
  @TempDir Path folder;

  private PrivateBus bus;
  private TestHost host;

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void startBus() throws Exception {
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @Test
  void startListStop_ofAVm_doWhatTheySay() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus()) {
      assertThat(
              run("start", "alice/web-1", "--cid=42", "--address=10.0.7.2", "--type=qemu").code())
          .isZero();
      assertThat(host.grpcSocket("alice", "web-1")).exists();
      assertThat(run("start", "bob/a/b\u001b[31m").code()).isZero();

      Run table = run("list");
      assertThat(table.code()).isZero();
      assertThat(table.out().lines())
          .satisfiesExactly(
              line -> assertThat(line).matches("VM +CID  TYPE  SINCE +CLAIMED BY  LOG"),
              line ->
                  assertThat(line)
                      .matches("alice/web-1 +42   qemu  \\d{4}-.* uid:\\d+ +/.*/alice/web-1.log"),
              line -> assertThat(line).matches("bob/a/b#033\\[31m  -    -     \\d{4}-.*"));
      assertThat(run("list", "-o", "json").out().lines().findFirst().orElseThrow())
          .startsWith(
              "{\"owner\":\"alice\",\"name\":\"web-1\",\"cid\":42,\"addresses\":[\"10.0.7.2\"],")
          .contains("\"lease\":false,\"claimed_by\":[\"uid:", "\"generation\":1,\"started\":");

      assertThat(run("stop", "alice/web-1").code()).isZero();
      assertThat(host.grpcSocket("alice", "web-1")).doesNotExist();
      assertThat(run("list").out()).doesNotContain("alice");
    }
  }

  @Test
  void startWithLease_untilCtrlC_isLiveAndThenGone() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        VmlogProcess leased =
            VmlogProcess.start("vm", "start", "--bus", bus.address(), "alice/web-1", "--lease")) {
      leased.awaitLog("alice/web-1 is live until this ends");
      assertThat(host.grpcSocket("alice", "web-1")).exists();

      leased.interrupt();
      assertThat(leased.await()).isZero();

      forwarder.awaitLog("VM alice/web-1 (CID 0, generation 1) is gone");
    }
  }

  @Test
  void startWithLeaseAndCommand_livesAsLongAndExitsAsTheCommand() throws Exception {
    Path go = folder.resolve("go");
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        VmlogProcess leased =
            VmlogProcess.start(
                "vm",
                "start",
                "--bus",
                bus.address(),
                "alice/web-1",
                "--lease",
                "--",
                "sh",
                "-c",
                "echo running >&2; while [ ! -e " + go + " ]; do sleep 0.01; done; exit 7")) {
      leased.awaitLog("running");
      assertThat(host.grpcSocket("alice", "web-1")).exists();

      Files.createFile(go);
      assertThat(leased.await()).isEqualTo(7);

      forwarder.awaitLog("VM alice/web-1 (CID 0, generation 1) is gone");
    }
  }

  @Test
  void startWithLease_whenTheBusIsStartedAnew_announcesAgain() throws Exception {
    try (ForwarderProcess forwarder = host.start().awaitOnBus();
        VmlogProcess leased =
            VmlogProcess.start("vm", "start", "--bus", bus.address(), "alice/web-1", "--lease")) {
      leased.awaitLog("alice/web-1 is live until this ends");
      bus.stop();
      leased.awaitLog("the connection to the bus is lost; announcing the VM again");
      bus.start();
      leased.awaitLog("the VM is announced again");
      assertThat(host.grpcSocket("alice", "web-1")).exists();
      assertThat(leased.terminate()).isZero();
      Await.until("the VM is gone", () -> Files.notExists(host.grpcSocket("alice", "web-1")));
    }
  }

  @Test
  void anything_withoutABus_exits69() {
    String nowhere = "unix:path=" + folder.resolve("bus");
    Run start = run("start", "alice/web-1", "--bus=" + nowhere);
    assertThat(start.code()).isEqualTo(69);
    assertThat(start.err()).isEqualTo("D-Bus at " + nowhere + ": No such file or directory");
  }

  @Test
  void anything_withoutAForwarder_exits69AndSaysWhatToStart() {
    Run list = run("list");
    assertThat(list.code()).isEqualTo(69);
    assertThat(list.err()).contains("org.vmlog.Forwarder1").endsWith("; start vmlog-forwarder");
  }

  @Test
  void anything_withoutPermission_exits77AndSaysWhoMay() throws Exception {
    bus.stop();
    bus.with("<policy context='mandatory'><deny send_destination='org.vmlog.Forwarder1'/></policy>")
        .start();
    try (ForwarderProcess forwarder = host.start().awaitOnBus()) {
      Run start = run("start", "alice/web-1");
      assertThat(start.code()).isEqualTo(77);
      assertThat(start.err())
          .contains("RegisterVm")
          .endsWith("; be root, or in the group vmlog-admin");
      assertThat(forwarder.log()).doesNotContain("is live");
    }
  }

  @Test
  void bus_thatRefusesUs_exits77() throws Exception {
    bus.stop();
    bus.start(PrivateBus.Access.NOBODY);
    Run list = run("list");
    assertThat(list.code()).isEqualTo(77);
    assertThat(list.err()).startsWith("D-Bus at " + bus.address() + ": ");
  }

  @Test
  void wrongUsage_exits64AndSaysWhatIsRight() {
    assertUsage("'web-1' is not OWNER/NAME, such as alice/web-1", "start", "web-1");
    assertUsage("A command needs --lease", "start", "alice/web-1", "--", "true");
    assertUsage("--cid 5000000000: allowed is 3 to 4294967294", "start", "a/b", "--cid=5000000000");
    assertUsage("D-Bus address \"session\": ", "list", "--bus=session");
    assertUsage("Invalid value for option '--output'", "list", "-o", "xml");
  }

  @Test
  void values_thatTheForwarderRefuses_haveTheirExitCodes() throws Exception {
    host.with("[[vm]]\nowner = \"bob\"\nname = \"db\"\ncid = 99");
    try (ForwarderProcess forwarder = host.start().awaitOnBus()) {
      Run reserved = run("start", "alice/web-1", "--cid=2");
      assertThat(reserved.code()).isEqualTo(64);
      assertThat(reserved.err()).isEqualTo("cid = 2: allowed is a guest's, 3 to 4294967294");
      Run claimed = run("start", "alice/web-1", "--cid=99");
      assertThat(claimed.code()).isEqualTo(69);
      assertThat(claimed.err())
          .isEqualTo("alice/web-1 cannot have CID 99, which is bob/db's by configuration");
      Run missing = run("stop", "no/such");
      assertThat(missing.code()).isEqualTo(66);
      assertThat(missing.err()).isEqualTo("no VM no/such is announced");
      Run unfit = run("start", "alice/web-1", "--hybrid-vsock=" + folder + "/missing/v.sock");
      assertThat(unfit.code()).isEqualTo(74);
    }
  }

  private record Run(int code, String out, String err) {}

  /** In this process; a command ends with it all the same. */
  private Run run(String subcommand, String... arguments) {
    List<String> all = new ArrayList<>(List.of("vm", subcommand));
    if (List.of(arguments).stream().noneMatch(argument -> argument.startsWith("--bus="))) {
      all.add("--bus=" + bus.address());
    }
    all.addAll(List.of(arguments));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = VmlogCommand.commandLine(Session.ofProcess());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int code = line.execute(all.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString().strip());
  }

  private void assertUsage(String message, String subcommand, String... arguments) {
    Run wrong = run(subcommand, arguments);
    assertThat(wrong.code()).as(wrong.err()).isEqualTo(64);
    assertThat(wrong.err()).contains(message).startsWith("vmlog vm " + subcommand + " --help says");
  }
}
