package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.vmlog.testing.Await;
import org.vmlog.testing.CollectorRelay;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Seed;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmSyslogProcess;

/**
 * The forwarder is killed again and again while programs of two guests log numbers, and nobody in a
 * guest notices. One guest has LogStream, the other is told of LogCollector only.
 */
@Timeout(1800)
final class GuestCrashTest {
  private static final int KILLS = Integer.getInteger("vmlog.guest.kills", 5);
  private static final int RECORDS = Integer.getInteger("vmlog.guest.records", 10_000);
  private static final String STREAMING = "streaming";
  private static final String COLLECTING = "collecting";

  @TempDir Path folder;

  @Test
  void kills_ofTheForwarder_streamsRecordsAreThereOnceAndOthersAreNotMissing() throws Exception {
    Random random = Seed.random("GuestCrashTest");
    TestHost host = new TestHost(folder).withVm("alice", STREAMING).withVm("alice", COLLECTING);
    Path relay = folder.resolve("relay");
    int logged;
    try (CollectorRelay between =
            CollectorRelay.start(relay, host.grpcSocket("alice", COLLECTING));
        VmSyslogProcess streaming = guest(STREAMING, host.grpcSocket("alice", STREAMING));
        VmSyslogProcess collecting = guest(COLLECTING, relay)) {
      Program program = new Program(List.of(devLog(STREAMING), devLog(COLLECTING)));
      Thread thread = new Thread(program, "program");
      thread.start();
      for (int kill = 0; kill < KILLS; kill++) {
        try (ForwarderProcess forwarder = host.start()) {
          awaitMore(host.log("alice", STREAMING), streaming);
          awaitMore(host.log("alice", COLLECTING), collecting);
          TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
          forwarder.kill();
        }
      }
      program.enough.set(true);
      thread.join();
      logged = program.logged;
      try (ForwarderProcess forwarder = host.start()) {
        awaitLast(host.log("alice", STREAMING), logged, streaming);
        awaitLast(host.log("alice", COLLECTING), logged, collecting);
        assertThat(streaming.terminate()).as(streaming.log()).isZero();
        assertThat(collecting.terminate()).as(collecting.log()).isZero();
        assertThat(forwarder.terminate()).isZero();
      }
    }
    assertThat(logged).isGreaterThanOrEqualTo(RECORDS);
    List<Integer> all = IntStream.range(0, logged).boxed().toList();
    assertThat(streams(host, STREAMING)).exists();
    assertThat(streams(host, COLLECTING)).doesNotExist();
    assertThat(LogFiles.numbers(host.log("alice", STREAMING))).isEqualTo(all);
    List<Integer> collected = LogFiles.numbers(host.log("alice", COLLECTING));
    assertThat(new HashSet<>(collected)).isEqualTo(new HashSet<>(all));
    System.out.printf(
        "GuestCrashTest: %d kills survived by 2 x %d records,"
            + " each once by LogStream, %d of them twice by LogCollector%n",
        KILLS, logged, collected.size() - logged);
  }

  /**
   * A guest that boots says the same again, from number one on, and is not taken for who it was.
   */
  @Test
  void boots_ofTheGuest_areStreamsOfTheirOwn() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", STREAMING);
    Path log = host.log("alice", STREAMING);
    List<Integer> expected = new ArrayList<>();
    try (ForwarderProcess forwarder = host.start()) {
      for (int boot = 0; boot < 3; boot++) {
        try (VmSyslogProcess guest = guest(STREAMING, host.grpcSocket("alice", STREAMING));
            AFUNIXDatagramChannel program = connect(devLog(STREAMING))) {
          for (int number = 0; number < 20; number++) {
            program.write(line(number));
            expected.add(number);
          }
          int lines = expected.size();
          Await.until("all of this boot's are there", () -> lines(log) == lines, guest::log);
          guest.kill();
        }
      }
      assertThat(forwarder.terminate()).isZero();
    }
    assertThat(LogFiles.numbers(log)).isEqualTo(expected);
    assertThat(streams(host, STREAMING)).exists();
  }

  /** How many there are, also while one is written. */
  private static long lines(Path log) throws IOException {
    return Files.exists(log) ? Files.readString(log).chars().filter(c -> c == '\n').count() : 0;
  }

  /** Where it stands how far the streams of a VM are; there is no such file before its first. */
  private static Path streams(TestHost host, String name) {
    return host.folder().resolve("state/logs/alice").resolve(name + ".streams");
  }

  private VmSyslogProcess guest(String name, Path door) throws IOException {
    return VmSyslogProcess.start(devLog(name), "unix:" + door, "--buffer", "16MiB");
  }

  private Path devLog(String name) {
    return folder.resolve(name);
  }

  /** Both bring them in their order. */
  private static void awaitLast(Path log, int logged, VmSyslogProcess guest) {
    String last = " seq " + (logged - 1) + "\n";
    Await.until("all are there", () -> LogFiles.endsWith(log, last), guest::log);
  }

  private static void awaitMore(Path log, VmSyslogProcess guest) throws IOException {
    long before = Files.exists(log) ? Files.size(log) : 0;
    Await.until(
        "the guest has found the host again",
        () -> Files.exists(log) && Files.size(log) > before,
        guest::log);
  }

  private static AFUNIXDatagramChannel connect(Path devLog) throws IOException {
    AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open();
    channel.connect(AFUNIXSocketAddress.of(devLog));
    return channel;
  }

  private static ByteBuffer line(int number) {
    return ByteBuffer.wrap(("<13>counting: seq " + number).getBytes(StandardCharsets.US_ASCII));
  }

  /** Logs numbers in both guests until there are enough. */
  private static final class Program implements Runnable {
    private final List<Path> devLogs;
    private final AtomicBoolean enough = new AtomicBoolean();
    private volatile int logged;

    Program(List<Path> devLogs) {
      this.devLogs = devLogs;
    }

    @Override
    public void run() {
      try (AFUNIXDatagramChannel first = connect(devLogs.get(0));
          AFUNIXDatagramChannel second = connect(devLogs.get(1))) {
        while (logged < RECORDS || !enough.get()) {
          first.write(line(logged));
          second.write(line(logged));
          logged++;
          TimeUnit.MICROSECONDS.sleep(500);
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }
}
