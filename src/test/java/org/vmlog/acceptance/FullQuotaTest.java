package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Tmpfs;

/** The host's disk is bounded, and a guest is told when there is no room for its lines. */
final class FullQuotaTest {
  private static final int MIB = 1 << 20;

  private static final Pattern REFUSED =
      Pattern.compile(" forwarder: (\\d+) requests refused \\(log could not be written\\)$");

  @TempDir Path folder;

  /**
   * UNAVAILABLE while nothing can be freed; OK within 5 s of space being back, and a line in the
   * VM's file says how many requests were refused.
   */
  @Test
  void keepFree_diskFilledByOthers_isRefusedAndSaidWhenThereIsSpace() throws Exception {
    TestHost host =
        new TestHost(folder).withVm("alice", "web-1").with("[logs.quota]\nkeep_free = '40%'");
    try (Tmpfs disk = Tmpfs.mount(folder.resolve("logs"), "size=8m");
        ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request("before", 1));
      Path ballast = Files.write(disk.path().resolve("ballast"), new byte[6 * MIB]);

      for (int i = 0; i < 3; i++) {
        assertThat(statusOf(guest, request("y".repeat(4000), 100)))
            .isEqualTo(Status.Code.UNAVAILABLE);
      }
      Files.delete(ballast);
      long freed = System.nanoTime();
      Path log = host.log("alice", "web-1");
      Await.until(
          "the refused requests are said",
          () -> LogFiles.lines(log).stream().mapToInt(FullQuotaTest::refused).sum() >= 3,
          forwarder::log);
      assertThat(Duration.ofNanos(System.nanoTime() - freed)).isLessThan(Duration.ofSeconds(5));
      guest.send(Guest.Method.USER, request("after", 1));

      // Of what was refused a prefix of whole lines may stand there.
      List<String> lines = LogFiles.lines(log);
      assertThat(lines.get(0)).endsWith(" before 0");
      assertThat(lines.get(lines.size() - 1)).endsWith(" after 0");
      assertThat(lines.stream().mapToInt(FullQuotaTest::refused).sum()).isEqualTo(3);
      forwarder.awaitLog("alice/web-1.log lacks");
      forwarder.awaitLog("40% of the disk stay free");
      assertThat(forwarder.terminate()).isZero();
    }
  }

  /** No guest makes the host's disk fuller than its quota, nor two together than the total. */
  @Test
  void total_guestsFlood_isNeverPassed() throws Exception {
    TestHost host =
        new TestHost(folder)
            .withVm("alice", "web-1")
            .withVm("bob", "web-2")
            .with("[logs.quota]\nper_vm = '1MiB'\ntotal = '1536KiB'")
            .with("[limits]\nbytes_per_second = '64MiB'");
    try (ForwarderProcess forwarder = host.start();
        Guest alice = Guest.on(host.grpcSocket("alice", "web-1"));
        Guest bob = Guest.on(host.grpcSocket("bob", "web-2"))) {
      for (int i = 0; i < 60; i++) {
        alice.send(Guest.Method.USER, request("y".repeat(1000), 50));
        bob.send(Guest.Method.USER, request("y".repeat(1000), 50));
        assertThat(bytes(host.log("alice", "web-1"))).isLessThanOrEqualTo(MIB);
        assertThat(bytes(folder.resolve("logs/x"))).isLessThanOrEqualTo(MIB * 3 / 2);
      }
      assertThat(forwarder.terminate()).isZero();
    }
  }

  private static int refused(String line) {
    Matcher refused = REFUSED.matcher(line);
    return refused.find() ? Integer.parseInt(refused.group(1)) : 0;
  }

  private static Status.Code statusOf(Guest guest, LogRequest request) {
    try {
      guest.send(Guest.Method.USER, request);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** What all files take in the folder of this one and below. */
  private static long bytes(Path log) throws Exception {
    long bytes = 0;
    try (var files = Files.walk(log.getParent())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        // Rotated or removed while we look: then it is counted under another name, or gone.
        bytes += file.toFile().length();
      }
    }
    return bytes;
  }

  private static LogRequest request(String text, int records) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(Guest.record(7, text + " " + i));
    }
    return request.build();
  }
}
