package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.sink.LogFolder.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogCursors;

/** What nobody writes to goes some time after its last line. */
@Timeout(120)
class LogExpiryTest {
  private static final long NO_LIMIT = 1L << 40;
  private static final Duration AGE = Duration.ofDays(5);
  private static final QuotaPolicy ROOM = new QuotaPolicy(NO_LIMIT, NO_LIMIT, 0);

  @TempDir Path temp;

  private Instant now = Instant.now();

  @Test
  void run_logsOfVmsThatNoLongerStart_loseWhatIsOlder() throws IOException {
    LogFolder folder = open();
    folder.plant("old.log", 100, Duration.ofDays(6));
    folder.plant("old.log.1", 100, Duration.ofDays(7));
    folder.plant("old.log.2.gz", 100, Duration.ofDays(8));
    folder.plant("new.log", 100, AGE.minusHours(1));
    folder.plant("new.log.1", 100, AGE.plusHours(1));
    folder.plant("notes.txt", 100, Duration.ofDays(100));
    folder.restart(ROOM);
    long before = folder.quota().usage().usedBytes();

    expiry(folder).run();

    assertThat(folder.sizes()).isEqualTo(Map.of("new.log", 100L, "notes.txt", 100L));
    assertThat(folder.quota().usage().usedBytes()).isEqualTo(before - 400);
  }

  /** Each file has an age of its own; time goes on, and the rest goes, too. */
  @Test
  void run_later_findsWhatHasBecomeTooOld() throws IOException {
    LogFolder folder = open();
    folder.plant("web.log", 100, Duration.ofDays(1));
    folder.plant("web.log.1", 100, Duration.ofDays(3));
    folder.restart(ROOM);
    LogExpiry expiry = expiry(folder);
    expiry.run();
    assertThat(folder.sizes()).containsOnlyKeys("web.log", "web.log.1");

    now = now.plus(Duration.ofDays(3));
    expiry.run();
    assertThat(folder.sizes()).containsOnlyKeys("web.log");

    now = now.plus(Duration.ofDays(2));
    expiry.run();
    assertThat(folder.sizes()).isEmpty();
  }

  /** However old its files are: it may be silent, or write to one of them at any time. */
  @Test
  void run_vmIsLive_losesNothingUntilItHasEnded() throws IOException {
    LogFolder folder = open();
    folder.plant("web.log", 100, Duration.ofDays(60));
    folder.plant("web.log.1", 100, Duration.ofDays(90));
    folder.restart(ROOM);
    LogExpiry expiry = expiry(folder);
    VmLogFile silent = folder.file("web", NO_LIMIT);
    expiry.run();
    assertThat(folder.sizes()).containsOnlyKeys("web.log", "web.log.1");

    silent.close();
    expiry.run(); // its end counts as its last line
    assertThat(folder.sizes()).containsOnlyKeys("web.log");
    now = now.plus(AGE).plusSeconds(60);
    expiry.run();
    assertThat(folder.sizes()).isEmpty();
  }

  /** A VM that starts again while a run goes on is another account of the same name. */
  @Test
  void run_vmCameBackBetweenTwoRuns_keepsWhatItWrites() throws IOException {
    LogFolder folder = open();
    for (int i = 0; i < 2 * LogExpiry.MOST_FILES; i++) {
      folder.plant("vm" + i + ".log", 10, Duration.ofDays(30));
    }
    folder.restart(ROOM);
    LogExpiry expiry = expiry(folder);
    expiry.run();
    String left = folder.sizes().keySet().iterator().next();
    String stem = left.substring(0, left.length() - ".log".length());
    LogAccount forgotten =
        folder.quota().books().all().stream()
            .filter(account -> account.name.file().equals(left))
            .findAny()
            .orElseThrow();
    assertThat(folder.quota().expire(forgotten, now.minus(AGE))).isEqualTo(1);
    try (VmLogFile back = folder.file(stem, NO_LIMIT)) {
      write(back, 1, 50);
      Files.setLastModifiedTime(
          folder.owner.resolve(left), FileTime.from(now.minus(Duration.ofDays(30))));
      expiry.run();
      assertThat(folder.sizes()).isEqualTo(Map.of(left, 50L));
    }
  }

  @Test
  void run_manyFiles_removesSoManyAtOnceAndGoesOn() throws IOException {
    LogFolder folder = open();
    int files = 2 * LogExpiry.MOST_FILES + 10;
    for (int i = 0; i < files; i++) {
      folder.plant("vm" + i + ".log", 10, Duration.ofDays(30));
    }
    folder.restart(ROOM);
    LogExpiry expiry = expiry(folder);
    expiry.run();
    assertThat(folder.sizes()).hasSize(files - LogExpiry.MOST_FILES);
    expiry.run();
    assertThat(folder.sizes()).hasSize(10);
    expiry.run();
    assertThat(folder.sizes()).isEmpty();
  }

  /** A rotation by hand leaves an empty current file, which goes with the last rotated one. */
  @Test
  void run_currentFileIsEmpty_goesToo() throws IOException {
    LogFolder folder = open();
    try (VmLogFile web = folder.file("web", NO_LIMIT)) {
      write(web, 1, 100);
      web.rotate();
    }
    assertThat(folder.sizes()).isEqualTo(Map.of("web.log", 0L, "web.log.1", 100L));
    LogExpiry expiry = expiry(folder);
    now = now.plus(AGE).plusSeconds(60);
    expiry.run();
    assertThat(folder.sizes()).isEmpty();
  }

  /** A VM's file is there from its start, and it may never have said anything. */
  @Test
  void run_nothingWasEverWritten_emptyFileGoesToo() throws IOException {
    LogFolder folder = open();
    Files.createDirectories(folder.owner);
    Files.createFile(folder.owner.resolve("found.log"));
    Files.setLastModifiedTime(
        folder.owner.resolve("found.log"), FileTime.from(now.minus(Duration.ofDays(6))));
    folder.restart(ROOM);
    try (VmLogFile silent = folder.file("silent", NO_LIMIT)) {
      silent.reopen();
    }
    LogExpiry expiry = expiry(folder);
    expiry.run();
    assertThat(folder.sizes()).containsOnlyKeys("silent.log");
    now = now.plus(AGE).plusSeconds(60);
    expiry.run();
    assertThat(folder.sizes()).isEmpty();
    assertThat(folder.quota().books().all()).isEmpty();
  }

  /** What is to be shipped stays for as long as it would for want of room. */
  @Test
  void run_notShipped_staysUntilItIsOrHasWaitedLongEnough() throws IOException {
    Path ship = Files.createDirectories(temp.resolve("ship"));
    QuotaPolicy retaining =
        new QuotaPolicy(
            NO_LIMIT, NO_LIMIT, 0, Optional.of(new RetentionPolicy(ship, Duration.ofDays(10))));
    LogFolder folder = open();
    folder.plant("sent.log.1", 100, Duration.ofDays(7));
    folder.plant("waits.log", 100, Duration.ofDays(6));
    folder.plant("waits.log.1", 100, Duration.ofDays(7));
    folder.plant("waits.log.2", 100, Duration.ofDays(11));
    Path ids = Files.createDirectories(temp.resolve("logs/.state/logs/alice"));
    Object inode = Files.getAttribute(folder.owner.resolve("sent.log.1"), "unix:ino");
    Files.writeString(ids.resolve("sent.ids"), inode + " %016x\n".formatted(2));
    Files.write(
        ship.resolve(LogCursors.SYNCED),
        LogCursors.format(Map.of("alice/sent", new LogCursor(2, 100, 100))));
    folder.restart(retaining);

    expiry(folder).run();

    assertThat(folder.sizes()).containsOnlyKeys("waits.log", "waits.log.1");
  }

  private LogFolder open() throws IOException {
    return LogFolder.open(temp.resolve("logs"), ROOM, 5);
  }

  private LogExpiry expiry(LogFolder folder) {
    return new LogExpiry(folder.quota(), AGE, () -> now);
  }
}
