package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.GuestModel;
import org.vmlog.testing.GuestModel.Attempt;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Tmpfs;

/**
 * An unmodified guest, which keeps one request and sends it whole until it is told OK, gets by
 * without help whatever happens to the forwarder, and nothing it logged is missing.
 */
final class OriginalGuestTest {
  private static final Duration FLUSH = Duration.ofMillis(200);
  private static final String TEXT = "systemd[1]: Started a unit of some name or other";

  @TempDir Path folder;

  @Test
  void guest_forwarderKilledTerminatedAndPaused_losesNothing() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    ForwarderProcess forwarder = host.start();
    try (Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        GuestModel model = new GuestModel(guest, Guest.Method.USER, FLUSH)) {
      for (int round = 0; round < 3; round++) {
        logWhile(model, 100);
        forwarder.kill();
        logWhile(model, 100);
        forwarder = host.start();
        awaitRecovery(model);

        logWhile(model, 100);
        assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
        logWhile(model, 100);
        forwarder = host.start();
        awaitRecovery(model);

        forwarder.pause();
        logWhile(model, 500);
        forwarder.resume();
        awaitRecovery(model);
      }
      assertThat(failures(model)).as("attempts that failed").isPositive();
      assertDelivered(LogFiles.numbers(host.log("alice", "web-1")), model);
    } finally {
      forwarder.close();
    }
  }

  @Test
  void guest_diskFullForAWhile_losesNothing() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    Path log = host.log("alice", "web-1");
    try (Tmpfs disk = Tmpfs.mount(log.getParent(), "size=64k");
        ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        GuestModel model = new GuestModel(guest, Guest.Method.USER, FLUSH)) {
      Await.until(
          "the disk is full and three requests have failed",
          () -> {
            model.log(TEXT);
            return failures(model) >= 3;
          },
          forwarder::log);
      assertThat(LogFiles.endsOnLine(log)).isTrue();

      disk.remount("size=2m");
      awaitRecovery(model);

      assertDelivered(LogFiles.numbers(log), model);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
  }

  private static void logWhile(GuestModel model, int records) throws InterruptedException {
    for (int i = 0; i < records; i++) {
      model.log(TEXT);
      Thread.sleep(0, 500_000); // the load's own pace: a busy guest's, about a thousand a second
    }
  }

  private static void awaitRecovery(GuestModel model) throws Exception {
    int all = model.logged();
    Await.until("all records are acknowledged", () -> model.acknowledged() >= all);
  }

  private static long failures(GuestModel model) {
    return model.attempts().stream().filter(attempt -> !attempt.ok()).count();
  }

  /**
   * Each acknowledged request is there as a whole; before it stand at most as many prefixes of it
   * as attempts at it have failed.
   */
  private static void assertDelivered(List<Integer> written, GuestModel model) {
    int at = 0;
    int failed = 0;
    for (Attempt attempt : model.attempts()) {
      if (!attempt.ok()) {
        failed++;
        continue;
      }
      int prefixes = 0;
      int end = endOfRun(written, at, attempt);
      while (end < written.size() && written.get(end) == attempt.first()) {
        prefixes++;
        at = end;
        end = endOfRun(written, at, attempt);
      }
      assertThat(written.subList(at, end))
          .as("%s", attempt)
          .hasSize(attempt.end() - attempt.first());
      assertThat(prefixes).as("repetitions of %s", attempt).isLessThanOrEqualTo(failed);
      at = end;
      failed = 0;
    }
    assertThat(at).as("lines that were accounted for").isEqualTo(written.size());
    assertThat(model.acknowledged()).isEqualTo(model.logged());
  }

  /** Where the records that begin at {@code at} stop to be this attempt's, one after another. */
  private static int endOfRun(List<Integer> written, int at, Attempt attempt) {
    int end = at;
    int next = attempt.first();
    while (end < written.size() && next < attempt.end() && written.get(end) == next) {
      end++;
      next++;
    }
    return end;
  }
}
