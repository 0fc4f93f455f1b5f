package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.sink.WriteResult.Failed;

/**
 * Several logs, real files, random steps. After each: the accounts say what the files say, but for
 * what is granted; no quota is passed; no step took from another live log's half share.
 */
@Timeout(120)
class DiskQuotaModelTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");
  private static final long PER_LOG = 60_000;
  private static final long TOTAL = 150_000;
  private static final int STEPS = 6_000;

  @TempDir Path temp;
  private final Queue<Runnable> background = new ArrayDeque<>();
  private final Map<String, VmLogFile> live = new TreeMap<>();

  @Test
  void random_steps_keepAccountsQuotasAndHalfShares() throws IOException {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println("DiskQuotaModelTest: -Dvmlog.seed=" + seed);
    Random random = new Random(seed);
    QuotaPolicy policy = new QuotaPolicy(PER_LOG, TOTAL, 0);
    LogFolder folder = LogFolder.open(temp, policy, 6);
    int written = 0;
    int refused = 0;
    for (int step = 0; step < STEPS; step++) {
      String actor = NAMES.get(random.nextInt(NAMES.size()));
      Map<String, Long> before = bytesOfLiveLogs(folder);
      switch (random.nextInt(12)) {
        case 0 -> close(actor);
        case 1 -> live.values().forEach(VmLogFile::reopen);
        case 2 -> runOneInBackground();
        case 3 -> {
          if (random.nextInt(20) == 0) {
            NAMES.forEach(this::close);
            background.clear();
            folder.restart(policy);
            before.clear();
          }
        }
        default -> {
          VmLogFile file =
              live.computeIfAbsent(actor, name -> folder.file(name, 9_000, background::add));
          if (LogFolder.write(file, random.nextInt(10, 6_000)) instanceof Failed) {
            refused++;
          } else {
            written++;
          }
        }
      }
      String where = "seed %d, step %d, %s".formatted(seed, step, actor);
      assertAccounts(folder, where);
      assertHalfShares(folder, before, actor, where);
    }
    assertThat(written).isGreaterThan(STEPS / 2);
    System.out.println("DiskQuotaModelTest: %d written, %d refused".formatted(written, refused));
    NAMES.forEach(this::close);
    assertThat(folder.quota().books().usedBytes()).isEqualTo(folder.bytes());
  }

  /** A file may be at most what it was granted ahead: 1/64 of a share. */
  private void assertAccounts(LogFolder folder, String where) {
    long used = folder.quota().books().usedBytes();
    long stored = folder.bytes();
    assertThat(used).as(where).isBetween(stored, stored + TOTAL / 64);
    assertThat(used).as(where).isLessThanOrEqualTo(TOTAL);
    for (String name : NAMES) {
      assertThat(folder.bytes(name)).as(where + ": " + name).isLessThanOrEqualTo(PER_LOG);
    }
  }

  private void assertHalfShares(
      LogFolder folder, Map<String, Long> before, String actor, String where) {
    long half = TOTAL / Math.max(1, live.size()) / 2;
    before.forEach(
        (name, bytes) -> {
          if (!name.equals(actor) && live.containsKey(name) && background.size() == waiting) {
            assertThat(folder.bytes(name))
                .as(where + ": " + name)
                .isGreaterThanOrEqualTo(Math.min(bytes, half));
          }
        });
    waiting = background.size();
  }

  /** Compression makes a log smaller, too: steps in which it ran prove nothing about eviction. */
  private int waiting;

  private Map<String, Long> bytesOfLiveLogs(LogFolder folder) {
    Map<String, Long> bytes = new HashMap<>();
    live.keySet().forEach(name -> bytes.put(name, folder.bytes(name)));
    return bytes;
  }

  private void runOneInBackground() {
    Runnable task = background.poll();
    if (task != null) {
      task.run();
    }
  }

  private void close(String name) {
    VmLogFile file = live.remove(name);
    if (file != null) {
      file.close();
    }
  }
}
