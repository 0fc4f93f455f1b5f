package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.Failed;
import org.vmlog.testing.Tmpfs;

/** On disks that are really full, read-only or out of inodes. */
@Timeout(60)
class VmLogFileDiskTest {
  private static final long NO_LIMIT = 1L << 40;

  @TempDir Path temp;

  @Test
  void write_diskFull_endsOnALineAndTellsHowFarItCame() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=128k");
        VmLogFile file = file(disk, NO_LIMIT)) {
      List<String> lines = Lines.numbered(0, 2000, 100);

      WriteResult result = file.write(Lines.of(lines));

      assertThat(result).isInstanceOf(Failed.class);
      assertThat(((Failed) result).cause()).hasMessage("No space left on device");
      // Less than 128 KiB, and more than half of it, whatever the folders take.
      assertThat(result.bytes()).isBetween(64L * 1024, 128L * 1024);
      assertThat(result.bytes() % 100).isZero();
      assertThat(Files.readAllLines(log(disk)))
          .isEqualTo(lines.subList(0, (int) result.bytes() / 100));
      assertThat(Files.size(log(disk))).isEqualTo(result.bytes());
    }
  }

  @Test
  void write_diskFullBeforeTheFirstByte_writesNothing() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=128k");
        VmLogFile file = file(disk, NO_LIMIT)) {
      file.write(Lines.buffers("one\n"));
      fill(disk);
      // The page that holds "one" has room for this much more.
      file.write(Lines.of(Lines.numbered(0, 40, 100)));
      fill(disk);

      WriteResult result = file.write(Lines.of(List.of("x".repeat(5000))));

      assertThat(result).isInstanceOf(Failed.class);
      assertThat(result.bytes()).isZero();
      assertThat(Files.readAllLines(log(disk))).hasSize(41).last().isEqualTo(line(39));
    }
  }

  @Test
  void write_spaceComesAndGoes_everyLineOnceAndInOrder() throws Exception {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println("VmLogFileDiskTest: -Dvmlog.seed=" + seed);
    Random random = new Random(seed);
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=1m");
        VmLogFile file = file(disk, NO_LIMIT)) {
      Path ballast = disk.path().resolve("ballast");
      List<String> accepted = new ArrayList<>();
      int failures = 0;
      for (int round = 0; round < 60; round++) {
        List<String> lines =
            Lines.numbered(round * 100, round * 100 + 100, random.nextInt(20, 120));
        long bytes = Lines.rest(lines, 0)[0].remaining();
        fill(disk);
        for (long written = 0; written < bytes; ) {
          WriteResult result = file.write(Lines.rest(lines, written));
          written += result.bytes();
          assertEndsOnALine(disk);
          if (result instanceof Failed) {
            failures++;
            shorten(ballast, random.nextInt(2, 5) * 4096L);
          }
        }
        accepted.addAll(lines);
      }
      assertThat(failures).isGreaterThan(30);
      assertThat(Files.readAllLines(log(disk))).isEqualTo(accepted);
    }
  }

  @Test
  void write_diskFullWhenItShouldRotate_growsOnInTheOldFile() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=1m,nr_inodes=7");
        VmLogFile file = file(disk, 1000)) {
      // The root, .layout, .zone, .ids, alice and web.log are six; one is left for the ballast.
      file.write(Lines.buffers("one\n"));
      Files.createFile(disk.path().resolve("ballast"));

      List<String> lines = Lines.numbered(0, 100, 100);
      assertThat(file.write(Lines.of(lines))).isEqualTo(new Complete(10_000));
      assertThat(Files.size(log(disk))).isEqualTo(10_004);
    }
  }

  @Test
  void write_noInodesLeft_failsAndRecovers() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=1m,nr_inodes=6");
        VmLogFile file = file(disk, NO_LIMIT)) {
      Path ballast = Files.createFile(disk.path().resolve("ballast"));

      WriteResult result = file.write(Lines.buffers("one\n"));
      assertThat(result).isInstanceOf(Failed.class);
      assertThat(result.bytes()).isZero();
      assertThat(((Failed) result).cause()).hasMessageContaining("No space left on device");

      Files.delete(ballast);
      assertThat(file.write(Lines.buffers("one\n"))).isEqualTo(new Complete(4));
      assertThat(log(disk)).hasContent("one\n");
    }
  }

  @Test
  void write_readOnlyFileSystem_failsAndRecovers() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=1m");
        VmLogFile file = file(disk, NO_LIMIT)) {
      disk.remount("ro");

      WriteResult result = file.write(Lines.buffers("one\n"));
      assertThat(result).isInstanceOf(Failed.class);
      assertThat(((Failed) result).cause()).hasMessageContaining("Read-only file system");

      disk.remount("rw");
      assertThat(file.write(Lines.buffers("one\n"))).isEqualTo(new Complete(4));
      assertThat(log(disk)).hasContent("one\n");
    }
  }

  @Test
  void compress_diskFull_keepsThePlainFileAndLeavesNothingHalf() throws Exception {
    Queue<Runnable> background = new ArrayDeque<>();
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("disk"), "size=512k");
        VmLogFile file = file(disk, 40_000, background::add)) {
      for (int i = 0; i < 3; i++) {
        file.write(Lines.of(List.of(noise(39_000))));
      }
      String second = Files.readString(log(disk, ".2"));
      fill(disk);
      background.forEach(Runnable::run);

      assertThat(names(disk)).containsExactlyInAnyOrder("web.log", "web.log.1", "web.log.2");
      assertThat(log(disk, ".2")).hasContent(second);

      Files.delete(disk.path().resolve("ballast"));
      background.clear();
      file.write(Lines.of(List.of(noise(39_000))));
      background.forEach(Runnable::run);
      assertThat(names(disk))
          .containsExactlyInAnyOrder("web.log", "web.log.1", "web.log.2.gz", "web.log.3.gz");
    }
  }

  private static String noise(int length) {
    Random random = new Random(length);
    return random
        .ints(length, '!', '~')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static List<String> names(Tmpfs disk) throws IOException {
    try (var files = Files.list(log(disk).getParent())) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static Path log(Tmpfs disk, String suffix) {
    return disk.path().resolve("alice/web.log" + suffix);
  }

  private VmLogFile file(Tmpfs disk, long maxSize) throws IOException {
    return file(disk, maxSize, Runnable::run);
  }

  private VmLogFile file(Tmpfs disk, long maxSize, Executor background) throws IOException {
    RotationPolicy policy = new RotationPolicy(maxSize, Duration.ofDays(1), 3, true);
    return new VmLogFile(
        Quotas.none(LogDirectory.open(disk.path(), Layout.PLAIN, temp.resolve("state")), 3),
        new LogFileName(List.of("alice"), "web"),
        policy,
        SyncMode.NEVER,
        new LogCompressor(background));
  }

  private static Path log(Tmpfs disk) {
    return log(disk, "");
  }

  private static String line(int number) {
    return Lines.numbered(number, number + 1, 100).get(0);
  }

  private static void assertEndsOnALine(Tmpfs disk) throws IOException {
    String content = Files.readString(log(disk));
    assertThat(content.isEmpty() || content.endsWith("\n")).isTrue();
  }

  /** Takes every page that is left. */
  private static void fill(Tmpfs disk) {
    try (var ballast =
        Files.newByteChannel(
            disk.path().resolve("ballast"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer page = ByteBuffer.allocate(4096);
      while (ballast.write(page.clear()) > 0) {}
    } catch (IOException full) {
      assertThat(full).hasMessage("No space left on device");
    }
  }

  private static void shorten(Path ballast, long bytes) throws IOException {
    try (var channel = Files.newByteChannel(ballast, StandardOpenOption.WRITE)) {
      channel.truncate(Math.max(0, channel.size() - bytes));
    }
  }
}
