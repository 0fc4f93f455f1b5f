package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.Failed;

/** When a write is but one write(2), so that an event loop's thread may make it. */
class VmLogFileReadyTest {
  private static final long NO_LIMIT = 1L << 40;
  private static final Duration MAX_AGE = Duration.ofDays(1);

  @TempDir Path temp;
  private final List<VmLogFile> files = new ArrayList<>();
  private Duration monotonic = Duration.ZERO;

  @AfterEach
  void closeFiles() {
    files.forEach(VmLogFile::close);
  }

  @Test
  void isReady_beforeTheFirstWrite_isFalseAndOpensNothing() throws IOException {
    VmLogFile file = file(SyncMode.NEVER);

    assertThat(file.isReady(1)).isFalse();
    assertThat(log().getParent()).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(
      value = SyncMode.class,
      names = {"NEVER", "INTERVAL"})
  void isReady_afterTheFirstWrite_isTrueUntilItIsClosed(SyncMode sync) throws IOException {
    VmLogFile file = file(sync);
    write(file, "one\n");
    assertThat(file.isReady(100)).isTrue();
    write(file, "two\n");
    assertThat(file.isReady(100)).isTrue();

    file.close();

    assertThat(file.isReady(1)).isFalse();
  }

  @Test
  void isReady_syncOfEachWrite_isFalse() throws IOException {
    VmLogFile file = file(SyncMode.ALWAYS);
    write(file, "one\n");
    write(file, "two\n");

    assertThat(file.isReady(1)).isFalse();
  }

  /** Its directory entry is not on the disk yet, and its grant was given back. */
  @ParameterizedTest
  @EnumSource(
      value = SyncMode.class,
      names = {"NEVER", "INTERVAL"})
  void isReady_reopened_isFalseUntilTheNextWrite(SyncMode sync) throws IOException {
    VmLogFile file = file(sync);
    write(file, "one\n");
    file.reopen();
    assertThat(log()).exists();
    assertThat(file.isReady(4)).isFalse();

    write(file, "two\n");

    assertThat(file.isReady(4)).isTrue();
  }

  @Test
  void isReady_namesToBeForced_isFalseUntilTheyAre() throws IOException {
    VmLogFile never = file("never", SyncMode.NEVER);
    VmLogFile interval = file("interval", SyncMode.INTERVAL);
    never.reopen();
    interval.reopen();

    // Nothing is granted yet, nor needed for nothing: what differs is the directory entry.
    assertThat(never.isReady(0)).isTrue();
    assertThat(interval.isReady(0)).isFalse();
    write(interval, "one\n");
    assertThat(interval.isReady(0)).isTrue();
  }

  @Test
  void isReady_reopenFailed_isFalseUntilItIsOpened() throws IOException {
    VmLogFile file = file(SyncMode.NEVER);
    write(file, "one\n");
    Files.move(log(), temp.resolve("aside"));
    Files.createDirectory(log());
    file.reopen();
    assertThat(file.isReady(4)).isFalse();
    assertThat(file.write(Lines.buffers("two\n"))).isInstanceOf(Failed.class);
    assertThat(file.isReady(4)).isFalse();

    Files.delete(log());
    write(file, "two\n");

    assertThat(file.isReady(4)).isTrue();
  }

  @Test
  void isReady_writeFailedAndLetGoOfTheFile_isFalseUntilItIsOpened() throws IOException {
    VmLogFile file = file(SyncMode.NEVER);
    write(file, "one\n");
    Thread.currentThread().interrupt(); // which closes the channel
    assertThat(file.write(Lines.buffers("two\n"))).isInstanceOf(Failed.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(file.isReady(4)).isFalse();

    write(file, "two\n");

    assertThat(file.isReady(4)).isTrue();
  }

  @Test
  void isReady_nextWriteWouldBePastMaxSize_isFalseUntilItIsRotated() throws IOException {
    VmLogFile file = file("web", SyncMode.NEVER, 20, NO_LIMIT);
    write(file, "0123456789\n");
    assertThat(file.isReady(9)).isTrue();
    assertThat(file.isReady(10)).isFalse();

    write(file, "012345678\n");

    assertThat(rotated()).hasContent("0123456789\n");
    assertThat(file.isReady(10)).isTrue();
    assertThat(file.isReady(11)).isFalse();
  }

  @Test
  void isReady_fileIsOld_isFalseUntilItIsRotated() throws IOException {
    VmLogFile file = file(SyncMode.NEVER);
    write(file, "one\n");
    monotonic = MAX_AGE.minusMinutes(1);
    assertThat(file.isReady(4)).isTrue();
    monotonic = MAX_AGE;
    assertThat(file.isReady(4)).isFalse();

    write(file, "two\n");

    assertThat(rotated()).hasContent("one\n");
    assertThat(file.isReady(4)).isTrue();
  }

  /** Then the file grows on, and every loop may write to it as before. */
  @Test
  void isReady_fileCannotBeRotatedNow_isTrueWhileThatIsNotTried() throws IOException {
    VmLogFile file = file("web", SyncMode.NEVER, 4, NO_LIMIT);
    write(file, "one\n");
    Path inTheWay = Files.createDirectories(log().resolveSibling("web.log.new/x"));
    assertThat(file.isReady(4)).isFalse();
    write(file, "two\n");
    assertThat(log()).hasContent("one\ntwo\n");
    assertThat(file.isReady(4)).isTrue();

    monotonic = Duration.ofMinutes(1);
    assertThat(file.isReady(4)).isFalse();
    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());
    write(file, "three\n");

    assertThat(rotated()).hasContent("one\ntwo\n");
  }

  @Test
  void isReady_moreThanIsLeftOfTheGrant_isFalseUntilThereIsAnother() throws IOException {
    VmLogFile file = file("web", SyncMode.NEVER, NO_LIMIT, 64 << 10); // granted by the KiB
    write(file, "x".repeat(99) + "\n");
    assertThat(file.isReady(924)).isTrue();
    assertThat(file.isReady(925)).isFalse();

    write(file, "x".repeat(923) + "\n");
    assertThat(file.isReady(1)).isFalse();
    write(file, "x\n");

    assertThat(file.isReady(1022)).isTrue();
    assertThat(file.isReady(1023)).isFalse();
  }

  @Test
  void isReady_noRoomInTheQuota_isFalse() throws IOException {
    VmLogFile file = file("web", SyncMode.NEVER, NO_LIMIT, 1000);
    write(file, "x".repeat(899) + "\n");
    WriteResult refused = file.write(Lines.buffers("x".repeat(1099) + "\n"));

    assertThat(refused).isInstanceOf(Failed.class);
    assertThat(file.isReady(1100)).isFalse();
  }

  /** A loop asks before each write: only what is known already may be asked for. */
  @Test
  void isReady_folderTakenAway_isNoticedByNobody() throws IOException {
    VmLogFile file = file(SyncMode.NEVER);
    write(file, "one\n");
    Files.move(log().getParent(), temp.resolve("aside"));

    assertThat(file.isReady(4)).isTrue();
    write(file, "two\n");

    assertThat(temp.resolve("aside/web.log")).hasContent("one\ntwo\n");
    assertThat(log().getParent()).doesNotExist();
  }

  private static void write(VmLogFile file, String text) {
    assertThat(file.write(Lines.buffers(text))).isEqualTo(new Complete(text.length()));
  }

  private VmLogFile file(SyncMode sync) throws IOException {
    return file("web", sync);
  }

  private VmLogFile file(String stem, SyncMode sync) throws IOException {
    return file(stem, sync, NO_LIMIT, NO_LIMIT);
  }

  private VmLogFile file(String stem, SyncMode sync, long maxSize, long perLogBytes)
      throws IOException {
    LogFolder folder =
        LogFolder.open(temp.resolve("logs"), new QuotaPolicy(perLogBytes, NO_LIMIT, 0), 3);
    InstantSource wall = () -> Instant.now().plus(monotonic);
    LogRotation rotation = new LogRotation(MAX_AGE, () -> maxSize, wall, () -> monotonic.toNanos());
    VmLogFile file =
        new VmLogFile(
            folder.quota(),
            LogFolder.name(stem),
            rotation,
            new LogSync(sync, System::nanoTime),
            null);
    files.add(file);
    return file;
  }

  private Path log() {
    return temp.resolve("logs/alice/web.log");
  }

  private Path rotated() {
    return log().resolveSibling("web.log.1");
  }
}
