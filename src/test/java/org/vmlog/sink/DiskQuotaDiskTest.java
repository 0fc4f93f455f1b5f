package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.sink.LogFolder.write;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.Failed;
import org.vmlog.testing.Tmpfs;

/** Quotas on small file systems of their own; each test beside the sentence it holds us to. */
@Timeout(120)
class DiskQuotaDiskTest {
  private static final long MIB = 1 << 20;
  private static final long NO_LIMIT = 1L << 40;
  private static final int PAGE = 4096;

  @TempDir Path temp;

  /** While 20 VMs flood, growth never passes the total: measured as df(1) does. */
  @Test
  void write_twentyLogsFlood_neverPassTheTotal() throws Exception {
    int logs = 20;
    int keep = 50;
    ExecutorService compressor = Executors.newSingleThreadExecutor();
    ExecutorService guests = Executors.newFixedThreadPool(logs);
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=64m")) {
      FileStore store = Files.getFileStore(disk.path());
      LogFolder folder = LogFolder.open(disk.path(), new QuotaPolicy(2 * MIB, 8 * MIB, 0), keep);
      List<Future<Long>> floods = new ArrayList<>();
      for (int i = 0; i < logs; i++) {
        VmLogFile file = folder.file("vm" + i, 100_000, compressor);
        floods.add(guests.submit(flood(file, store)));
      }
      long most = 0;
      for (Future<Long> flood : floods) {
        most = Math.max(most, flood.get());
      }
      guests.shutdown();
      compressor.shutdown();
      assertThat(compressor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();

      // A file system counts whole pages: of each file, and of each folder and .layout.
      long files = logs * (keep + 3L) + 3;
      assertThat(most).isBetween(6 * MIB, 8 * MIB + files * PAGE);
      assertThat(folder.bytes()).isLessThanOrEqualTo(8 * MIB);
      assertThat(folder.quota().books().usedBytes()).isEqualTo(folder.bytes());
    } finally {
      guests.shutdownNow();
      compressor.shutdownNow();
    }
  }

  /** Answers the most that the file system was used while this went on. */
  private static Callable<Long> flood(VmLogFile file, FileStore store) {
    String line = "y".repeat(7_999);
    return () -> {
      long most = 0;
      try (file) {
        for (int i = 0; i < 300; i++) {
          assertThat(file.write(Lines.of(List.of(line)))).isEqualTo(new Complete(8_000));
          most = Math.max(most, store.getTotalSpace() - store.getUsableSpace());
        }
      }
      return most;
    };
  }

  /** keep_free of the file system stays free, whoever fills it. */
  @Test
  void write_othersFillTheDisk_logsMakeRoom() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=8m")) {
      FileStore store = Files.getFileStore(disk.path());
      LogFolder folder = LogFolder.open(disk.path(), new QuotaPolicy(NO_LIMIT, NO_LIMIT, 50), 1000);
      try (VmLogFile file = folder.file("web", 64 * 1024)) {
        for (int i = 0; i < 1500; i++) {
          write(file, 1, 8_000);
          assertThat(store.getUsableSpace()).isGreaterThanOrEqualTo(4 * MIB - 2 * PAGE);
        }
        assertThat(folder.bytes()).isBetween(3 * MIB, 4 * MIB);

        ballast(disk, 2 * MIB);
        for (int i = 0; i < 20; i++) {
          write(file, 1, 8_000);
        }
        assertThat(store.getUsableSpace()).isGreaterThanOrEqualTo(4 * MIB - 2 * PAGE);
        assertThat(folder.bytes()).isBetween(MIB, 2 * MIB);
      }
    }
  }

  /** When removing everything would not help, nothing is removed, and the write is refused. */
  @Test
  void write_othersFillTheDiskEntirely_nothingIsRemovedInVain() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=8m")) {
      LogFolder folder = LogFolder.open(disk.path(), new QuotaPolicy(NO_LIMIT, NO_LIMIT, 50), 10);
      try (VmLogFile file = folder.file("web", 16_000)) {
        write(file, 12, 8_000);
        Map<String, Long> before = folder.sizes();
        assertThat(before).hasSize(6);
        ballast(disk, 6 * MIB);

        WriteResult refused =
            IntStream.range(0, 100)
                .mapToObj(i -> write(file, 8_000))
                .filter(Failed.class::isInstance)
                .findFirst()
                .orElseThrow();
        assertThat(((Failed) refused).cause())
            .isInstanceOf(QuotaException.class)
            .hasMessageContaining("50% of the disk stay free");
        assertThat(folder.sizes()).containsAllEntriesOf(Map.of("web.log.5", 16_000L));

        Files.delete(disk.path().resolve("ballast"));
        write(file, 1, 8_000);
      }
    }
  }

  private static void ballast(Tmpfs disk, long bytes) throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(disk.path().resolve("ballast").toFile(), "rw")) {
      byte[] block = new byte[PAGE];
      for (long written = 0; written < bytes; written += PAGE) {
        file.write(block);
      }
    }
  }
}
