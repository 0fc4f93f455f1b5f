package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.sink.LogFolder.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.ListedFile;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogCursors;
import org.vmlog.logs.LogListing;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.Failed;
import org.vmlog.testing.Await;

/** What is not shipped yet stays, and not for ever. */
@Timeout(120)
class UnshippedFilesTest {
  private static final int LINE = 10_000;
  private static final int FILE = 10 * LINE;
  private static final long MIB = 1 << 20;

  @TempDir Path temp;

  @Test
  void write_quotaIsFullOfWhatIsNotShipped_refusedUntilTheOldestIs() throws Exception {
    LogFolder folder = folder(Duration.ofHours(1), 50);
    VmLogFile web = folder.file("web", FILE);
    save(Map.of());
    write(web, 100, LINE);
    assertThat(write(web, 5 * LINE)).isInstanceOf(Failed.class);

    List<ListedFile> files = files();
    save(Map.of("alice/web", new LogCursor(files.get(1).id(), FILE - 1, FILE)));
    Await.until("the oldest makes room", () -> write(web, 5 * LINE).equals(new Complete(5 * LINE)));
    assertThat(files()).extracting(ListedFile::id).startsWith(files.get(1).id());
    assertThat(write(web, 10 * LINE)).isInstanceOf(Failed.class);

    save(Map.of("alice/web", new LogCursor(files.get(1).id(), FILE, FILE)));
    Await.until("the next does", () -> write(web, 10 * LINE).equals(new Complete(10 * LINE)));
    assertThat(files()).extracting(ListedFile::id).startsWith(files.get(2).id());
  }

  /** As a rotated file, what is in the current one could make room; but there can be none. */
  @Test
  void write_quotaIsFullAndRotationIsNotPossible_isNotTriedWithEachWrite() throws Exception {
    LogFolder folder = folder(Duration.ofHours(1), 2);
    save(Map.of());
    VmLogFile web = folder.file("web", FILE);
    Await.until("the quota is full", () -> write(web, LINE) instanceof Failed);
    Path ids = temp.resolve("logs/.state/logs/alice/web.ids");
    Set<String> tries = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      assertThat(write(web, LINE)).isInstanceOf(Failed.class);
      tries.add(Files.readString(ids)); // a try makes a file, with an id of its own
    }
    assertThat(tries).hasSizeLessThan(20);
  }

  @Test
  void write_anotherLogsFilesAreNotShipped_takesRoomFromThoseThatAre() throws Exception {
    LogFolder folder = folder(Duration.ofHours(1), 50);
    LogFolder.plant(folder.owner, "old.log.1", (int) MIB, Duration.ofMinutes(30));
    LogFolder.plant(folder.owner, "sent.log.1", (int) MIB, Duration.ofMinutes(1));
    Files.createDirectories(temp.resolve("logs/.state/logs/alice"));
    plantId("old", 1);
    plantId("sent", 2);
    save(Map.of("alice/sent", new LogCursor(2, MIB, MIB)));
    folder.restart(policy(Duration.ofHours(1)));
    write(folder.file("web", FILE), 30, LINE);
    assertThat(folder.sizes()).containsKey("old.log.1").doesNotContainKey("sent.log.1");
  }

  @Test
  void write_longerThanTheLimitUnshipped_makesRoomAsEver() throws Exception {
    LogFolder folder = folder(Duration.ofMillis(1), 50);
    write(folder.file("web", FILE), 200, LINE);
    assertThat(folder.bytes()).isLessThanOrEqualTo(MIB);
  }

  /** It will never be shipped, so nobody waits for that. */
  @Test
  void write_oldestCannotBeRead_makesRoomWithoutIt() throws Exception {
    LogFolder folder = folder(Duration.ofHours(1), 50);
    LogFolder.plant(folder.owner, "bad.log.1.gz", (int) MIB, Duration.ofMinutes(30));
    LogFolder.plant(folder.owner, "new.log.1.gz", (int) MIB, Duration.ofMinutes(1));
    save(Map.of());
    folder.restart(policy(Duration.ofHours(1)));
    VmLogFile web = folder.file("web", FILE);
    write(web, 30, LINE);
    assertThat(folder.sizes()).doesNotContainKey("bad.log.1.gz").containsKey("new.log.1.gz");
  }

  /** A rotation would push the oldest out. */
  @Test
  void rotation_oldestIsNotShipped_currentFileGrowsUntilItIs() throws Exception {
    LogFolder folder = folder(Duration.ofHours(1), 2);
    save(Map.of());
    VmLogFile web = folder.file("web", FILE);
    write(web, 45, LINE);
    assertThat(folder.sizes())
        .containsEntry("web.log.2", (long) FILE)
        .containsEntry("web.log.1", (long) FILE)
        .containsEntry("web.log", 25L * LINE);

    long second = files().get(1).id();
    save(Map.of("alice/web", new LogCursor(second, 0, 0)));
    Await.until(
        "it is rotated",
        () -> {
          write(web, 1, 2);
          return files().get(0).id() == second;
        });
  }

  private LogFolder folder(Duration limit, int keep) throws IOException {
    return LogFolder.open(temp.resolve("logs"), policy(limit), keep);
  }

  private QuotaPolicy policy(Duration limit) {
    return new QuotaPolicy(
        MIB, 2 * MIB, 0, Optional.of(new RetentionPolicy(temp.resolve("ship"), limit)));
  }

  private List<ListedFile> files() throws IOException {
    Path logs = temp.resolve("logs");
    return new LogListing(logs, logs.resolve(".state"), (path, cause) -> {})
        .files(LogFolder.name("web"), 50)
        .orElseThrow();
  }

  private void save(Map<String, LogCursor> cursors) throws IOException {
    Files.write(
        Files.createDirectories(temp.resolve("ship")).resolve(LogCursors.SYNCED),
        LogCursors.format(cursors));
  }

  private void plantId(String stem, long id) throws IOException {
    Path logs = temp.resolve("logs");
    Object inode = Files.getAttribute(logs.resolve("alice/" + stem + ".log.1"), "unix:ino");
    Files.writeString(
        logs.resolve(".state/logs/alice/" + stem + ".ids"), inode + " %016x\n".formatted(id));
  }
}
