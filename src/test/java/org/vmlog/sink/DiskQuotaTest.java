package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.sink.LogFolder.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.Failed;

/** Each test stands beside the sentence that it holds us to. */
@Timeout(120)
class DiskQuotaTest {
  private static final long NO_LIMIT = 1L << 40;
  private static final int KEEP = 1000;

  @TempDir Path temp;

  /** One log never takes more than its quota; its oldest rotated files go first. */
  @Test
  void write_logOverItsOwnQuota_losesItsOldest() throws IOException {
    LogFolder logs = open(100_000, NO_LIMIT);
    try (VmLogFile file = logs.file("web", 10_000)) {
      for (int i = 0; i < 60; i++) {
        write(file, 1, 5_000);
        assertThat(logs.bytes()).isLessThanOrEqualTo(100_000);
      }
    }
    assertThat(logs.sizes()).hasSize(10).containsKeys("web.log", "web.log.1", "web.log.9");
    assertThat(logs.bytes()).isEqualTo(100_000);
  }

  /** All logs together never take more than the total. The oldest rotated file of all goes. */
  @Test
  void write_totalUsedUp_removesTheOldestFileOfAll() throws IOException {
    LogFolder folder = open(NO_LIMIT, NO_LIMIT);
    folder.plant("a.log", 1_000, Duration.ofHours(9));
    folder.plant("a.log.1", 10_000, Duration.ofHours(10));
    folder.plant("a.log.2", 10_000, Duration.ofHours(30));
    folder.plant("b.log.1", 10_000, Duration.ofHours(20));
    folder.plant("b.log.2.gz", 10_000, Duration.ofHours(40));
    folder.restart(new QuotaPolicy(50_000, 50_000, 0));
    try (VmLogFile file = folder.file("new", NO_LIMIT)) {
      write(file, 1, 9_000);
      assertThat(folder.sizes()).hasSize(6);
      write(file, 1, 1_000);
      assertThat(folder.sizes()).doesNotContainKey("b.log.2.gz").hasSize(5);
      write(file, 1, 10_000);
      assertThat(folder.sizes().keySet()).containsExactly("a.log", "a.log.1", "b.log.1", "new.log");
    }
  }

  /** Logs over their share lose files before others do, however old those are. */
  @Test
  void write_aLogOverItsShare_losesItsFilesFirst() throws IOException {
    LogFolder folder = open(100_000, 100_000);
    try (VmLogFile calm = folder.file("calm", 5_000);
        VmLogFile loud = folder.file("loud", 5_000);
        VmLogFile third = folder.file("third", 5_000)) {
      write(calm, 6, 5_000);
      write(loud, 12, 5_000);
      write(third, 6, 5_000);
    }
    assertThat(folder.bytes("calm")).isEqualTo(30_000);
    assertThat(folder.bytes("third")).isEqualTo(30_000);
    assertThat(folder.bytes("loud")).isEqualTo(40_000);
  }

  /** Half of total / live VMs is each VM's own, and no other VM's flood can evict it. */
  @Test
  void write_flood_leavesTheOthersHalfShare() throws IOException {
    LogFolder folder = open(200_000, 200_000);
    try (VmLogFile calm = folder.file("calm", 5_000);
        VmLogFile flood = folder.file("flood", 5_000)) {
      write(calm, 18, 5_000);
      write(flood, 200, 5_000);
      assertThat(folder.bytes("calm")).isBetween(50_000L, 90_000L);
      assertThat(folder.bytes()).isLessThanOrEqualTo(200_000);
      // With a third live log the half of a share is less, and still nobody takes more.
      try (VmLogFile another = folder.file("another", 5_000)) {
        write(another, 100, 5_000);
      }
      assertThat(folder.bytes("calm")).isGreaterThanOrEqualTo(200_000L / 3 / 2);
    }
  }

  /** A log without a VM has no guarantee: last of all its current file goes, too. */
  @Test
  void write_nothingElseLeft_removesADormantLog() throws IOException {
    LogFolder folder = open(10_000, 10_000);
    try (VmLogFile old = folder.file("old", NO_LIMIT)) {
      write(old, 1, 9_000);
    }
    try (VmLogFile file = folder.file("new", NO_LIMIT)) {
      write(file, 1, 5_000);
      assertThat(folder.sizes()).isEqualTo(Map.of("new.log", 5_000L));
    }
  }

  /** When nothing can be freed the write fails, and tells the log, its need and the quota. */
  @Test
  void write_nothingToRemove_failsAndSucceedsWhenThereIsRoomAgain() throws IOException {
    LogFolder folder = open(10_000, 10_000);
    try (VmLogFile small = folder.file("small", NO_LIMIT)) {
      try (VmLogFile big = folder.file("big", NO_LIMIT)) {
        write(big, 1, 8_000);
        write(small, 1, 1_500);
        WriteResult refused = write(small, 1_200);

        assertThat(refused).isInstanceOf(Failed.class);
        assertThat(refused.bytes()).isZero();
        assertThat(((Failed) refused).cause())
            .isInstanceOf(QuotaException.class)
            .hasMessageMatching(
                "alice/small\\.log lacks \\d+ bytes of the quota of all logs, 10000 bytes;"
                    + " what may be removed are 0");
        assertThat(folder.sizes()).isEqualTo(Map.of("big.log", 8_000L, "small.log", 1_500L));
      }
      // Nobody writes to the big one any more.
      write(small, 1, 1_200);
      assertThat(folder.sizes()).isEqualTo(Map.of("small.log", 2_700L));
    }
  }

  /** A log that has more than its half share never waits for others: it makes room of its own. */
  @Test
  void write_onlyOwnCurrentFileLeft_rotatesItEarly() throws IOException {
    LogFolder folder = open(10_000, 10_000);
    try (VmLogFile one = folder.file("one", NO_LIMIT);
        VmLogFile two = folder.file("two", NO_LIMIT)) {
      write(one, 1, 5_000);
      write(two, 1, 4_500);
      write(two, 1, 1_000);
      assertThat(folder.sizes()).isEqualTo(Map.of("one.log", 5_000L, "two.log", 1_000L));
    }
  }

  /** A lowered quota takes effect at start. */
  @Test
  void open_quotasLowered_removesWhatIsOver() throws IOException {
    LogFolder folder = open(NO_LIMIT, NO_LIMIT);
    for (int n = 1; n < 6; n++) {
      folder.plant("a.log." + n, 10_000, Duration.ofHours(n));
      folder.plant("b.log." + n + ".gz", 1_000, Duration.ofHours(n));
    }
    folder.plant("a.log", 10_000, Duration.ZERO);

    folder.restart(new QuotaPolicy(41_000, 100_000, 0));
    assertThat(folder.bytes("a")).isEqualTo(40_000);
    assertThat(folder.bytes("b")).isEqualTo(5_000);

    folder.restart(new QuotaPolicy(32_000, 32_000, 0));
    assertThat(folder.sizes().keySet())
        .containsExactly("a.log", "a.log.1", "a.log.2", "b.log.1.gz", "b.log.2.gz");
  }

  /**
   * Stock is taken in both layouts, at any depth; what is no log is neither counted nor touched.
   */
  @Test
  void open_anyLayout_countsLogsAlone() throws IOException {
    LogFolder.plant(temp.resolve("bob"), "x.log.1.log", 10, Duration.ZERO);
    LogFolder.plant(temp.resolve("bob"), "x.log.1.log.2.gz", 20, Duration.ZERO);
    LogFolder.plant(temp.resolve("abc/log"), "d2Vi.log.12", 40, Duration.ZERO);
    LogFolder.plant(temp.resolve("@realms/a/b"), "c.log", 80, Duration.ZERO);
    LogFolder.plant(temp.resolve("bob"), "x.log.new", 160, Duration.ZERO);
    LogFolder.plant(temp.resolve("bob"), "x.log.gz.new", 320, Duration.ZERO);
    LogFolder.plant(temp.resolve("bob"), "notes.txt", 640, Duration.ZERO);
    LogFolder.plant(temp.resolve("bob"), "x.log.0", 640, Duration.ZERO);
    LogFolder.plant(temp, "top.log", 640, Duration.ZERO);
    Files.createSymbolicLink(temp.resolve("bob/link.log"), temp.resolve("top.log"));
    Files.createSymbolicLink(temp.resolve("linked"), temp.resolve("bob"));

    assertThat(open(NO_LIMIT, NO_LIMIT).quota().books().usedBytes()).isEqualTo(150);
    try (var bob = Files.list(temp.resolve("bob"))) {
      assertThat(bob.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "x.log.1.log", "x.log.1.log.2.gz", "notes.txt", "x.log.0", "link.log");
    }
  }

  /** The copy that compression makes counts; without room for it the file stays plain for now. */
  @Test
  void compress_noRoomForTheCopy_staysPlainUntilThereIs() throws IOException {
    LogFolder folder = open(64_000, 64_000);
    Queue<Runnable> background = new ArrayDeque<>();
    try (VmLogFile other = folder.file("other", NO_LIMIT);
        VmLogFile file = folder.file("web", 10_000, background::add)) {
      write(other, 1, 30_000);
      write(file, 3, 9_000);
      background.forEach(Runnable::run);
      background.clear();
      // 57 000 of 64 000 are used, and the copy may become 9 000.
      assertThat(folder.sizes().keySet())
          .containsExactly("other.log", "web.log", "web.log.1", "web.log.2");

      Files.delete(folder.owner.resolve("other.log"));
      other.reopen();
      write(other, 1, 100);
      write(file, 1, 9_000);
      background.forEach(Runnable::run);
      assertThat(folder.sizes().keySet())
          .containsExactly("other.log", "web.log", "web.log.1", "web.log.2.gz", "web.log.3.gz");
    }
    assertThat(folder.quota().books().usedBytes()).isEqualTo(folder.bytes());
  }

  /** What compression saved is there for others at once, and the copy keeps the lines' age. */
  @Test
  void compress_done_creditsWhatItSaved() throws IOException {
    LogFolder folder = open(NO_LIMIT, NO_LIMIT);
    folder.plant("web.log.1", 50_000, Duration.ofDays(3));
    folder.restart(new QuotaPolicy(NO_LIMIT, NO_LIMIT, 0));
    try (VmLogFile file = folder.file("web", 10_000, Runnable::run)) {
      write(file, 2, 9_000);
      file.reopen();
      assertThat(folder.sizes().get("web.log.2.gz")).isLessThan(1_000);
      assertThat(folder.quota().books().usedBytes()).isEqualTo(folder.bytes());
      assertThat(Files.getLastModifiedTime(folder.owner.resolve("web.log.2.gz")).toInstant())
          .isBefore(Instant.now().minus(Duration.ofDays(2)));
    }
  }

  /**
   * The active file rotates at the smallest of max_size and total / (4 x live VMs), not under 256
   * KiB.
   */
  @Test
  void rotationBytes_moreLiveLogs_becomesSmallerToALimit() throws IOException {
    LogFolder folder = open(1 << 30, 1L << 32);
    assertThat(folder.quota().books().rotationBytes(NO_LIMIT)).isEqualTo(1 << 28);
    assertThat(folder.quota().books().rotationBytes(64 << 20)).isEqualTo(64 << 20);
    List<VmLogFile> many = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      many.add(folder.file("vm" + i, NO_LIMIT));
    }
    assertThat(folder.quota().books().rotationBytes(NO_LIMIT)).isEqualTo(16 << 20);
    for (int i = 64; i < 8192; i++) {
      many.add(folder.file("vm" + i, NO_LIMIT));
    }
    assertThat(folder.quota().books().rotationBytes(NO_LIMIT)).isEqualTo(256 << 10);
    many.forEach(VmLogFile::close);
    assertThat(folder.quota().books().rotationBytes(NO_LIMIT)).isEqualTo(1 << 28);
  }

  /** A dormant log that becomes live while it is evicted keeps the file that its writer opened. */
  @Test
  void write_dormantLogAwakesAfterItWasChosen_keepsItsFile() throws Exception {
    LogFolder folder = open(10_000, 10_000);
    folder.plant("sleepy.log", 5_000, Duration.ofDays(1));
    folder.restart(new QuotaPolicy(10_000, 10_000, 0));
    RotatedFiles files;
    try (LogGrant glance = new LogGrant(folder.quota(), LogFolder.name("sleepy"))) {
      files = glance.files();
    }
    try (VmLogFile flood = folder.file("flood", NO_LIMIT)) {
      write(flood, 1, 4_000);
      Thread evictor = new Thread(() -> write(flood, 3_000));
      VmLogFile sleepy;
      synchronized (files) {
        evictor.start();
        // It has chosen the dormant log, and waits for this lock to remove its file.
        while (evictor.getState() != Thread.State.BLOCKED) {
          Thread.onSpinWait();
        }
        sleepy = folder.file("sleepy", NO_LIMIT);
        write(sleepy, 1, 100);
      }
      evictor.join();
      sleepy.close();
    }
    // The flood had to make room of its own.
    assertThat(folder.sizes()).isEqualTo(Map.of("flood.log", 3_000L, "sleepy.log", 5_100L));
    assertThat(folder.quota().books().usedBytes()).isEqualTo(folder.bytes());
  }

  /** The same, as it happens. */
  @Test
  void write_dormantLogComesAndGoesUnderEviction_keepsWhatItsWriterWrote() throws Exception {
    LogFolder folder = open(20_000, 20_000);
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Void> evictor =
        CompletableFuture.runAsync(
            () -> {
              try (VmLogFile flood = folder.file("flood", NO_LIMIT)) {
                while (!stop.get()) {
                  write(flood, 200);
                }
              }
            });
    Path path = folder.owner.resolve("sleepy.log");
    int removed = 0;
    int written = 0;
    try {
      for (int i = 0; i < 1_500; i++) {
        removed += Files.exists(path) ? 0 : 1;
        try (VmLogFile sleepy = folder.file("sleepy", NO_LIMIT)) {
          String line = "awake " + i + "z".repeat(1_000);
          if (sleepy.write(Lines.of(List.of(line))) instanceof Complete) {
            written++;
            assertThat(Files.readAllLines(path)).last().isEqualTo(line);
          }
        }
      }
    } finally {
      stop.set(true);
      evictor.join();
    }
    System.out.printf("DiskQuotaTest: %d written, %d times removed%n", written, removed);
    assertThat(folder.quota().books().usedBytes()).isEqualTo(folder.bytes());
  }

  private LogFolder open(long perLog, long total) throws IOException {
    return LogFolder.open(temp, new QuotaPolicy(perLog, total, 0), KEEP);
  }
}
