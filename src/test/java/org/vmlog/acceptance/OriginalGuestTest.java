package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
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

  /** How long the host is away or refuses; the second stage has it be ten minutes (.ci/heavy). */
  private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("vmlog.outage", 2));

  /** gRPC waits up to two minutes, and a fifth more, before it connects again. */
  private static final Duration RECONNECT = Duration.ofSeconds(150).plus(Await.PATIENCE);

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

  /** One guest's forwarder is gone, another's has no disk; what they say meanwhile is kept. */
  @Test
  void guests_hostAwayOrRefusingForLong_recoverByThemselves() throws Exception {
    TestHost gone = new TestHost(Files.createDirectory(folder.resolve("gone")));
    TestHost full = new TestHost(Files.createDirectory(folder.resolve("full")));
    Path goneLog = gone.withVm("alice", "web-1").log("alice", "web-1");
    Path fullLog = full.withVm("alice", "web-1").log("alice", "web-1");
    ForwarderProcess away = gone.start();
    try (Tmpfs disk = Tmpfs.mount(fullLog.getParent(), "size=64k");
        ForwarderProcess refusing = full.start();
        Guest guestOfGone = Guest.on(gone.grpcSocket("alice", "web-1"));
        Guest guestOfFull = Guest.on(full.grpcSocket("alice", "web-1"));
        GuestModel waiting = new GuestModel(guestOfGone, Guest.Method.USER, flush());
        GuestModel refused = new GuestModel(guestOfFull, Guest.Method.USER, flush())) {
      logWhile(waiting, 100);
      awaitRecovery(waiting);
      Await.until(
          "the disk is full",
          () -> {
            refused.log(TEXT);
            return failures(refused) > 0;
          },
          refusing::log);
      away.kill();
      int before = waiting.logged();

      long outageEnds = System.nanoTime() + OUTAGE.toNanos();
      while (System.nanoTime() < outageEnds) {
        waiting.log(TEXT);
        refused.log(TEXT);
        Thread.sleep(100); // a quiet guest's pace: more than 4 MiB would not fit one request
      }

      long backAt = System.nanoTime();
      away = gone.start();
      disk.remount("size=16m");
      awaitRecovery(refused);
      Duration refusedTook = Duration.ofNanos(System.nanoTime() - backAt);
      awaitRecovery(waiting);
      Duration waitingTook = Duration.ofNanos(System.nanoTime() - backAt);

      assertDelivered(LogFiles.numbers(goneLog), waiting);
      assertDelivered(LogFiles.numbers(fullLog), refused);
      System.out.printf(
          "OriginalGuestTest: after %d s with %d records each and %d refusals, all records were"
              + " there %.1f s after the disk was, and %.1f s after the forwarder was%n",
          OUTAGE.toSeconds(),
          waiting.logged() - before,
          failures(refused),
          refusedTook.toMillis() / 1e3,
          waitingTook.toMillis() / 1e3);
      assertThat(refusing.terminate()).as(refusing.log()).isZero();
    } finally {
      away.close();
    }
  }

  /** 5 s in the original. */
  private static Duration flush() {
    Duration original = Duration.ofSeconds(5);
    Duration tenth = OUTAGE.dividedBy(10);
    return tenth.compareTo(original) < 0 ? tenth : original;
  }

  private static void logWhile(GuestModel model, int records) throws InterruptedException {
    for (int i = 0; i < records; i++) {
      model.log(TEXT);
      Thread.sleep(0, 500_000); // the load's own pace: a busy guest's, about a thousand a second
    }
  }

  private static void awaitRecovery(GuestModel model) throws Exception {
    int all = model.logged();
    Await.until(
        OUTAGE.compareTo(Await.PATIENCE) < 0 ? Await.PATIENCE : RECONNECT,
        "all records are acknowledged",
        () -> model.acknowledged() >= all,
        () -> model.attempts().size() + " attempts, " + failures(model) + " failed");
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
