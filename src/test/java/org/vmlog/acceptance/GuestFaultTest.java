package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Tmpfs;
import org.vmlog.testing.VmSyslogProcess;

/** vm-syslog and a forwarder whose disk is full, and that is told to end: each record once. */
@Timeout(180)
final class GuestFaultTest {
  private static final int RECORDS = 3000;

  @TempDir Path folder;
  private TestHost host;
  private Path log;
  private int logged;

  @Test
  void fullDiskAndSigterm_inFullFlow_leaveEveryRecordOnce() throws Exception {
    host = new TestHost(folder).withVm("alice", "web-1");
    log = host.log("alice", "web-1");
    Path devLog = folder.resolve("devlog");
    try (Tmpfs disk = Tmpfs.mount(log.getParent(), "size=64k");
        VmSyslogProcess guest =
            VmSyslogProcess.start(devLog, "unix:" + host.grpcSocket("alice", "web-1"));
        AFUNIXDatagramChannel program = AFUNIXDatagramChannel.open()) {
      program.connect(AFUNIXSocketAddress.of(devLog));
      try (ForwarderProcess forwarder = host.start()) {
        say(program);
        forwarder.awaitLog("cannot write the log of alice/web-1");
        disk.remount("size=4m");
        awaitAll(guest);
        say(program);
        assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
      }
      say(program);
      try (ForwarderProcess forwarder = host.start()) {
        awaitAll(guest);
        assertThat(guest.terminate()).as(guest.log()).isZero();
        assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
      }
      assertThat(LogFiles.numbers(log)).isEqualTo(all());
    }
  }

  private void say(AFUNIXDatagramChannel program) throws IOException {
    for (int i = 0; i < RECORDS; i++) {
      String line = "<13>counting: seq " + logged++;
      program.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
    }
  }

  private List<Integer> all() {
    return IntStream.range(0, logged).boxed().toList();
  }

  /** They come in their order, so the last one comes last. */
  private void awaitAll(VmSyslogProcess guest) {
    String last = " seq " + (logged - 1) + "\n";
    Await.until("all are there", () -> LogFiles.endsWith(log, last), guest::log);
  }
}
