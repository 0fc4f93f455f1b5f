package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Seed;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmSyslogProcess;

/**
 * The forwarder is killed again and again while a guest's program logs numbers: none of them is
 * missing in the end, and nobody in the guest notices.
 */
@Timeout(600)
final class GuestCrashTest {
  private static final int KILLS = Integer.getInteger("vmlog.guest.kills", 4);

  @TempDir Path folder;

  @Test
  void kills_ofTheForwarder_loseNothing() throws Exception {
    Random random = Seed.random("GuestCrashTest");
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    Path devLog = folder.resolve("devlog");
    String door = "unix:" + host.grpcSocket("alice", "web-1");
    Program program;
    try (VmSyslogProcess guest = VmSyslogProcess.start(devLog, door)) {
      program = new Program(devLog);
      Thread thread = new Thread(program, "program");
      thread.start();
      for (int kill = 0; kill < KILLS; kill++) {
        try (ForwarderProcess forwarder = host.start()) {
          int seen = LogFiles.numbers(host.log("alice", "web-1")).size();
          Await.until(
              "the guest has found the host again",
              () -> LogFiles.numbers(host.log("alice", "web-1")).size() > seen,
              guest::log);
          TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
          forwarder.kill();
        }
      }
      program.stop.set(true);
      thread.join();
      try (ForwarderProcess forwarder = host.start()) {
        assertThat(guest.terminate()).as(guest.log()).isZero();
        assertThat(forwarder.terminate()).isZero();
      }
    }
    List<Integer> numbers = LogFiles.numbers(host.log("alice", "web-1"));
    assertThat(new TreeSet<>(numbers))
        .containsExactlyElementsOf(IntStream.range(0, program.logged).boxed().toList());
    System.out.printf(
        "GuestCrashTest: %d kills survived by %d records, %d of them twice%n",
        KILLS, program.logged, numbers.size() - program.logged);
  }

  /** Logs numbers until it is stopped. */
  private static final class Program implements Runnable {
    private final Path devLog;
    private final AtomicBoolean stop = new AtomicBoolean();
    private volatile int logged;

    Program(Path devLog) {
      this.devLog = devLog;
    }

    @Override
    public void run() {
      try (AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open()) {
        channel.connect(AFUNIXSocketAddress.of(devLog));
        while (!stop.get()) {
          String line = "<13>counting: seq " + logged;
          channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
          logged++;
          TimeUnit.MICROSECONDS.sleep(500);
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }
}
