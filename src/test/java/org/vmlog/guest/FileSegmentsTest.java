package org.vmlog.guest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.guest.Records.DEBUG;
import static org.vmlog.guest.Records.ERROR;
import static org.vmlog.guest.Records.INFO;
import static org.vmlog.guest.Records.entry;
import static org.vmlog.record.Channel.KERNEL;
import static org.vmlog.record.Channel.USER;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.Tmpfs;

class FileSegmentsTest {
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  @Test
  void open_aNewFile_isPrivate() throws IOException {
    open("buffer").close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path("buffer"))))
        .isEqualTo("rw-------");
  }

  @Test
  void open_whatIsNoBuffer_isRefusedAndKept() throws IOException {
    Files.writeString(path("letter"), "Dear diary, ".repeat(1000));
    assertThatThrownBy(() -> open("letter"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageEndingWith("letter: is no buffer of vm-syslog; allowed is one, or no file");
    assertThat(path("letter")).hasSize(12_000);
  }

  @Test
  void open_whatAnotherHas_isRefused() throws IOException {
    try (FileSegments first = open("buffer")) {
      assertThat(first.recover()).isEmpty();
      assertThatThrownBy(() -> open("buffer"))
          .isInstanceOf(BufferHeldException.class)
          .hasMessageEndingWith("is in use by another vm-syslog; allowed is one");
    }
    open("buffer").close();
  }

  @Test
  void restore_whatWasNotAcknowledged_isThereAgainInOrder() throws IOException {
    String big = "y".repeat(30_000);
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      buffer.offer(USER, entry(INFO, "a"));
      buffer.offer(USER, entry(INFO, "b"));
      buffer.offer(KERNEL, entry(DEBUG, "k"));
      buffer.offer(USER, entry(ERROR, big));
      buffer.finish(buffer.take(USER, 10));
    }
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      assertThat(buffer.restore(file.recover(), true)).isTrue();
      assertThat(buffer.unfinished()).isEqualTo(3);
      buffer.offer(USER, entry(INFO, "c"));
      assertThat(Records.drain(buffer, USER)).containsExactly("6 b", "3 " + big, "6 c");
      assertThat(Records.drain(buffer, KERNEL)).containsExactly("7 k");
    }
  }

  @Test
  void restore_whatWasUnderWay_hasTheSameNumbers() throws IOException {
    List<Long> numbers;
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      buffer.offer(USER, entry(INFO, "a"));
      buffer.offer(KERNEL, entry(INFO, "b"));
      buffer.numberAfter(6);
      List<Batch> batches = List.of(buffer.takeOldest(Records.ALL), buffer.takeOldest(Records.ALL));
      batches.forEach(buffer::number);
      numbers = batches.stream().map(Batch::firstNumber).toList();
      buffer.offer(KERNEL, entry(INFO, "c"));
    }
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      assertThat(buffer.restore(file.recover(), true)).isTrue();
      List<Batch> batches =
          List.of(buffer.takeOldest(1), buffer.takeOldest(1), buffer.takeOldest(1));
      batches.forEach(buffer::number);
      assertThat(batches.subList(0, 2))
          .extracting(Batch::firstNumber)
          .containsExactlyElementsOf(numbers);
      assertThat(batches.get(2).firstNumber()).isGreaterThan(numbers.get(1));
      assertThat(Records.texts(batches.get(1))).containsExactly("6 b");
    }
  }

  @Test
  void restore_ofAnEarlierBoot_hasNoNumbers() throws IOException {
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      buffer.offer(USER, entry(INFO, "a"));
      buffer.number(buffer.takeOldest(Records.ALL));
    }
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      assertThat(buffer.restore(file.recover(), false)).isFalse();
      assertThat(buffer.takeOldest(Records.ALL).firstNumber()).isZero();
    }
  }

  @Test
  void restore_tornEntries_leavesWhatIsSound() throws IOException {
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      buffer.offer(USER, entry(ERROR, "sound"));
      buffer.offer(USER, entry(INFO, "first"));
      buffer.offer(USER, entry(INFO, "torn"));
      buffer.offer(KERNEL, entry(INFO, "k".repeat(6000)));
    }
    byte[] bytes = Files.readAllBytes(path("buffer"));
    int torn = indexOf(bytes, "torn");
    int part = indexOf(bytes, "k".repeat(3000));
    try (RandomAccessFile file = new RandomAccessFile(path("buffer").toFile(), "rw")) {
      file.seek(torn);
      file.write('T');
      file.seek(part);
      file.write('K');
    }
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      buffer.restore(file.recover(), true);
      assertThat(Records.drain(buffer, USER)).containsExactly("3 sound", "6 first");
      assertThat(buffer.isEmpty()).isTrue();
    }
  }

  @Test
  void offer_beyondTheSize_dropsAndTheFileStaysBelow() throws IOException {
    try (FileSegments file = open("buffer")) {
      RecordBuffer buffer = Records.buffer(file);
      for (int i = 0; i < 3000; i++) {
        buffer.offer(USER, entry(INFO, "z".repeat(1000)));
      }
      assertThat(Files.size(path("buffer"))).isEqualTo(MIB + Segment.BYTES);
      assertThat(buffer.unfinished()).isBetween(700, 800);
    }
  }

  @Test
  void offer_onAFullDisk_dropsAsIfTheFileWereFull() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(path("disk"), "size=3m")) {
      assertThat(keptOf6000(disk.path().resolve("buffer"))).isBetween(1400, 1600);
      awaitUnmapped(disk.path());
    }
  }

  private static int keptOf6000(Path path) throws IOException {
    try (FileSegments file = FileSegments.open(path, 64 * MIB)) {
      RecordBuffer buffer = Records.buffer(file);
      for (int i = 0; i < 6000; i++) {
        buffer.offer(USER, entry(INFO, "z".repeat(1000)));
      }
      return buffer.unfinished();
    }
  }

  /** Java unmaps a file when the collector finds that nobody uses it. */
  private static void awaitUnmapped(Path below) {
    Await.until(
        "nothing is mapped below " + below,
        () -> {
          System.gc();
          return !Files.readString(Path.of("/proc/self/maps")).contains(below.toString());
        });
  }

  private FileSegments open(String name) throws IOException {
    return FileSegments.open(path(name), MIB);
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private static int indexOf(byte[] bytes, String text) {
    int at = new String(bytes, ISO_8859_1).indexOf(text);
    assertThat(at).isPositive();
    return at;
  }
}
