package org.vmlog.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;
import org.vmlog.testing.Tmpfs;

/**
 * What a log knows of streams after a kill. A process that was killed is a {@link VmLogFile} that
 * nobody uses any more, with its files made what a kill at that point leaves.
 */
class StreamJournalTest {
  private static final LogFileName NAME = new LogFileName(List.of("alice"), "web");
  private static final StreamId A = new StreamId("a".getBytes(UTF_8));
  private static final StreamId B = new StreamId("b".getBytes(UTF_8));
  private static final int SLOT_BYTES = 16 << 10;

  @TempDir Path temp;

  @Test
  void open_newStream_standsNowhere() throws IOException {
    try (VmLogFile file = file()) {
      assertThat(file.openStream(A, Set.of())).isZero();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state())))
          .isEqualTo("rw-------");
      assertThat(state()).hasSize(2 * SLOT_BYTES);
    }
  }

  @Test
  void open_afterAKillBetweenWrites_standsWhereItsLastRecordDoes() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n2\n", span(A, 1, 2));
    write(killed, "3\n", span(A, 3, 1));
    killed.write(Lines.buffers("not a stream's\n"));

    restart();

    assertThat(file().openStream(A, Set.of())).isEqualTo(3);
  }

  /** Whatever part of a write a kill has let through: each line that is whole counts, in order. */
  @Test
  void open_afterAKillAtEveryByteOfAWrite_standsWhereTheWholeLinesEnd() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    killed.openStream(B, Set.of(A));
    write(killed, "a1\n", span(A, 1, 1));
    String text = "a2\nb1\nb2\nvmm\na7\na8\nb3\n";
    long start = Files.size(log());
    write(
        killed,
        text,
        span(A, 2, 1),
        span(B, 1, 2),
        new WriteIntent.Span(null, 0, 1),
        span(A, 7, 2),
        span(B, 3, 1));
    int[] aAfterLines = {1, 2, 2, 2, 2, 7, 8, 8};
    int[] bAfterLines = {0, 0, 1, 2, 2, 2, 2, 3};
    Path saved = Files.copy(state(), temp.resolve("saved"));
    byte[] whole = Files.readAllBytes(log());

    for (int bytes = text.length(); bytes >= 0; bytes--) {
      Files.copy(saved, state(), StandardCopyOption.REPLACE_EXISTING);
      truncate(log(), start + bytes);
      int lines = (int) text.substring(0, bytes).chars().filter(c -> c == '\n').count();

      restart();

      try (VmLogFile file = file()) {
        assertThat(file.openStream(A, Set.of(B)))
            .as("%d bytes", bytes)
            .isEqualTo(aAfterLines[lines]);
        assertThat(file.openStream(B, Set.of(A)))
            .as("%d bytes", bytes)
            .isEqualTo(bAfterLines[lines]);
      }
      assertThat(Files.size(log()))
          .as("a torn line is cut")
          .isEqualTo(start + 3L * lines + (lines > 3 ? 1 : 0));
    }
    assertThat(whole).startsWith(Files.readAllBytes(log()));
  }

  @Test
  void open_afterAKillBeforeTheWrite_standsWhereItDid() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n", span(A, 1, 1));
    write(killed, "2\n", span(A, 2, 1));
    truncate(log(), 2);

    restart();

    assertThat(file().openStream(A, Set.of())).isEqualTo(1);
  }

  @Test
  void open_intentTornByAKill_countsTheOneBefore() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n", span(A, 1, 1));
    write(killed, "2\n3\n", span(A, 2, 2));
    byte[] before = Files.readAllBytes(state());
    write(killed, "4\n", span(A, 4, 1));
    int torn = changedSlot(before, Files.readAllBytes(state()));
    try (RandomAccessFile file = new RandomAccessFile(state().toFile(), "rw")) {
      file.seek((long) torn * SLOT_BYTES + 20);
      file.write(new byte[10]);
    }
    truncate(log(), 6);

    restart();

    assertThat(file().openStream(A, Set.of())).isEqualTo(3);
  }

  @Test
  void open_stateIsGarbage_knowsNothing() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n", span(A, 1, 1));
    Files.write(state(), new byte[] {1, 2, 3});

    restart();

    try (VmLogFile file = file()) {
      assertThat(file.openStream(A, Set.of())).isZero();
      write(file, "9\n", span(A, 9, 1));
      assertThat(file.lastSeq(A)).isEqualTo(9);
    }
  }

  @Test
  void write_rotates_countsInTheFileThatItIsAbout() throws IOException {
    VmLogFile killed = file(20, Runnable::run);
    killed.openStream(A, Set.of());
    for (int i = 1; i <= 9; i++) {
      write(killed, "record " + i + "\n", span(A, i, 1));
    }
    assertThat(log().resolveSibling("web.log.2.gz")).exists();
    truncate(log(), 0);

    restart();

    assertThat(file().openStream(A, Set.of())).isEqualTo(8);
  }

  /** The last rename of a rotation is missing: the file that was written to is {@code .log.1}. */
  @Test
  void open_killedInARotation_standsWhereItDid() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n2\n", span(A, 1, 2));
    Files.move(log(), log().resolveSibling("web.log.1"));
    Files.createFile(log().resolveSibling("web.log.new"));

    restart();

    try (VmLogFile file = file()) {
      assertThat(file.openStream(A, Set.of())).isEqualTo(2);
      write(file, "3\n", span(A, 3, 1));
    }
    assertThat(log()).hasContent("3\n");
  }

  /** What cannot be counted is taken for not written: twice is better than never. */
  @Test
  void open_fileMovedAwayAfterAKill_standsBeforeTheLastWrite() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n", span(A, 1, 1));
    write(killed, "2\n", span(A, 2, 1));
    Files.move(log(), temp.resolve("away"));
    Files.writeString(log(), "another\nfile\n");

    restart();

    assertThat(file().openStream(A, Set.of())).isEqualTo(1);
  }

  @Test
  void reopen_fileMovedAway_staysAtTheLastRecord() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n", span(A, 1, 1));
    Files.move(log(), temp.resolve("away"));
    killed.reopen();

    restart();

    assertThat(file().openStream(A, Set.of())).isEqualTo(1);
  }

  /** Lines are counted from where they are, not from where they would be. */
  @Test
  void write_fileTruncatedByItsAdministrator_countsFromItsOwnSize() throws IOException {
    VmLogFile killed = file();
    killed.openStream(A, Set.of());
    write(killed, "1\n2\n3\n", span(A, 1, 3));
    truncate(log(), 0);
    write(killed, "4\n5\n", span(A, 4, 2));
    truncate(log(), 3);

    restart();

    assertThat(file().openStream(A, Set.of())).isEqualTo(4);
  }

  @Test
  void open_theNinth_forgetsTheOneIdleLongest() throws IOException {
    try (VmLogFile file = file()) {
      for (int i = 1; i <= 8; i++) {
        file.openStream(id(i), Set.of());
        write(file, "x\n", span(id(i), i, 1));
      }
      file.openStream(id(1), Set.of());
      file.openStream(id(9), Set.of(id(2)));

      assertThat(file.openStream(id(1), Set.of(id(2), id(9)))).isEqualTo(1);
      assertThat(file.openStream(id(2), Set.of(id(1), id(9)))).isEqualTo(2);
      assertThat(file.openStream(id(3), Set.of(id(1), id(2), id(9)))).isZero();
    }
  }

  @Test
  void write_diskFull_standsWhereTheWholeLinesEndAndGoesOn() throws Exception {
    try (Tmpfs disk = Tmpfs.mount(temp.resolve("logs"), "size=64k")) {
      VmLogFile file = file();
      file.openStream(A, Set.of());
      long next = 1;
      WriteResult result;
      do {
        result = write(file, "x".repeat(999) + "\n", 7, span(A, next, 7));
        next += result.bytes() / 1000;
      } while (result instanceof WriteResult.Complete);
      assertThat(file.lastSeq(A)).isEqualTo(next - 1);
      assertThat(Files.size(log())).isEqualTo(1000 * (next - 1));
      disk.remount("size=1m");
      // Not a stream's, and the first thing that is written after.
      file.write(Lines.buffers("a drop line\n"));

      restart();

      try (VmLogFile after = file()) {
        assertThat(after.openStream(A, Set.of())).isEqualTo(next - 1);
      }
      file.close();
    }
  }

  @Test
  void forget_logIsGone_takesItsStateAlong() throws IOException {
    try (VmLogFile file = file()) {
      file.openStream(A, Set.of());
      write(file, "1\n", span(A, 1, 1));
    }
    Files.delete(log());

    restart();

    assertThat(state()).doesNotExist();
    assertThat(state().resolveSibling("web.ids")).doesNotExist();
  }

  @Test
  void open_stateFolderOnAnotherDisk_waitsForBothFromThenOn() throws IOException {
    Path memory = Path.of("/dev/shm");
    assumeTrue(
        Files.isWritable(memory) && !LogDirectory.device(memory).equals(LogDirectory.device(temp)),
        "/dev/shm is no file system of its own");
    Path state = Files.createTempDirectory(memory, "vmlog-test");
    LogDirectory directory = LogDirectory.open(temp.resolve("logs"), Layout.PLAIN, state);
    RotationPolicy policy = new RotationPolicy(1 << 20, Duration.ofDays(1), 9, false);
    try (VmLogFile file =
        new VmLogFile(
            Quotas.none(directory, 9),
            NAME,
            policy,
            SyncMode.NEVER,
            new LogCompressor(Runnable::run))) {
      assertThat(file.devices()).containsExactly(LogDirectory.device(temp));
      file.openStream(A, Set.of());
      assertThat(file.devices())
          .containsExactly(LogDirectory.device(temp), LogDirectory.device(memory));
      assertThat(file.device()).isEqualTo(LogDirectory.device(temp));
    } finally {
      try (Stream<Path> all = Files.walk(state)) {
        all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  @Test
  void open_stateFolderIsNone_fails() throws IOException {
    Files.writeString(temp.resolve("state"), "in the way");
    try (VmLogFile file = file()) {
      assertThat(file.write(Lines.buffers("x\n"))).isInstanceOf(WriteResult.Complete.class);
      assertThatThrownBy(() -> file.openStream(A, Set.of())).isInstanceOf(IOException.class);
    }
  }

  private static WriteIntent.Span span(StreamId stream, long firstSeq, int lines) {
    return new WriteIntent.Span(stream, firstSeq, lines);
  }

  private static StreamId id(int number) {
    return new StreamId(new byte[] {(byte) number});
  }

  private static WriteResult write(VmLogFile file, String text, WriteIntent.Span... spans) {
    return write(file, text, 1, spans);
  }

  private static WriteResult write(
      VmLogFile file, String text, int times, WriteIntent.Span... spans) {
    return file.write(Lines.buffers(text.repeat(times)), new WriteIntent(List.of(spans)));
  }

  private VmLogFile file() throws IOException {
    return file(1 << 20, Runnable::run);
  }

  private VmLogFile file(long maxSize, Executor background) throws IOException {
    RotationPolicy policy = new RotationPolicy(maxSize, Duration.ofDays(1), 9, true);
    LogRotation rotation =
        new LogRotation(policy.maxAge(), () -> maxSize, java.time.Instant::now, System::nanoTime);
    return new VmLogFile(
        Quotas.none(directory(), 9),
        NAME,
        rotation,
        new LogSync(SyncMode.NEVER, System::nanoTime),
        new LogCompressor(background));
  }

  /** What a new process does before anything else. */
  private void restart() throws IOException {
    LogRepair.run(directory(), 9, SyncMode.NEVER);
  }

  private LogDirectory directory() throws IOException {
    return LogDirectory.open(temp.resolve("logs"), Layout.PLAIN, temp.resolve("state"));
  }

  private Path log() {
    return temp.resolve("logs/alice/web.log");
  }

  private Path state() {
    return temp.resolve("state/logs/alice/web.streams");
  }

  private static void truncate(Path path, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  private static int changedSlot(byte[] before, byte[] after) {
    return java.util.Arrays.equals(before, 0, SLOT_BYTES, after, 0, SLOT_BYTES) ? 1 : 0;
  }
}
