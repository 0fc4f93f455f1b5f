package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeLogHost;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.ProcessThread;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmSyslogProcess;
import org.vmlog.testing.Vmm;

/** A signal to a thread that waits for sockets, as profilers send them, ends that wait at most. */
@Timeout(120)
final class ThreadSignalTest {
  private static final String WAIT_ENDED = "waiting for sockets ended early";

  @TempDir Path folder;

  @Test
  void signals_toTheThreadOfTheVmmsSockets_leaveItReading() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web");
    Path log = host.log("alice", "web");
    try (ForwarderProcess forwarder = host.start();
        Vmm vmm = Vmm.on(host.datagramSocket("alice", "web"))) {
      ProcessThread.named(forwarder.pid(), "vmlog-vmm").interruptPolls();
      forwarder.awaitLog(WAIT_ENDED);

      vmm.say("<27>Nov 21 10:58:06 crosvm[1]: still here");

      Await.until("it is written", () -> !LogFiles.lines(log).isEmpty(), forwarder::log);
      assertThat(LogFiles.lines(log)).singleElement().asString().endsWith("still here");
      assertThat(forwarder.terminate()).isZero();
    }
  }

  @Test
  void signals_toTheThreadOfTheGuestsSockets_leaveItReading() throws Exception {
    Path devLog = folder.resolve("devlog");
    FakeLogHost host = FakeLogHost.on(folder.resolve("door")).start();
    try (host;
        VmSyslogProcess guest = VmSyslogProcess.start(devLog, "unix:" + folder.resolve("door"));
        Vmm program = Vmm.on(devLog)) {
      ProcessThread.named(guest.pid(), "vm-syslog-in").interruptPolls();
      guest.awaitLog(WAIT_ENDED);

      program.say("<13>still here");

      Await.until("it is received", () -> !host.received().isEmpty(), guest::log);
      assertThat(host.received()).containsExactly("USER 5 still here");
      assertThat(guest.terminate()).isZero();
    }
  }
}
