package org.vmlog.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.RealmPath;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogName;
import org.vmlog.record.Channel;
import org.vmlog.record.LineFormat;
import org.vmlog.testing.Await;
import org.vmlog.testing.Seed;
import org.vmlog.testing.WrittenLog;
import org.vmlog.view.query.LineFilter;

/** Logs that the forwarder's own sink writes, rotates and compresses while they are followed. */
class FollowerTest {
  @TempDir Path temp;

  private final ExecutorService compression = Executors.newSingleThreadExecutor();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final List<String> seen = new ArrayList<>(); // guarded by itself
  private Path folder;
  private Path sockets;

  @BeforeEach
  void folders() throws IOException {
    folder = Files.createDirectory(temp.resolve("logs"));
    sockets = Files.createDirectories(temp.resolve("run/vm"));
  }

  @AfterEach
  void end() {
    compression.shutdownNow();
    thread.shutdownNow();
  }

  @Test
  void follow_acrossRotationAndCompression_hasEachLineOnce() throws Exception {
    Random random = Seed.random("follow_acrossRotationAndCompression_hasEachLineOnce");
    List<String> expected = new ArrayList<>();
    try (WrittenLog log =
        WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164, 20_000, 10_000, compression)) {
      log.say(Instant.now(), 6, Channel.USER, "line 0");
      expected.add("o/vm line 0");
      try (Running running = follow(new From.Last(10))) {
        for (int i = 1; i < 6_000; i++) {
          log.say(Instant.now(), 6, Channel.USER, "line " + i);
          expected.add("o/vm line " + i);
          for (int n = random.nextInt(200) == 0 ? random.nextInt(4) : 0; n > 0; n--) {
            log.rotate();
          }
        }
        running.await(expected.size());
      }
    }
    assertThat(lines()).isEqualTo(expected);
  }

  @Test
  void follow_filesThatWereRemovedBeforeTheyWereRead_goesOnWithWhatIsThere() throws Exception {
    try (WrittenLog log =
        WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164, 1 << 30, 2, Runnable::run)) {
      log.say(Instant.now(), 6, Channel.USER, "first");
      try (Running running = follow(new From.Last(10))) {
        running.await(1);
        for (int i = 0; i < 200; i++) { // only two rotated files are kept
          log.say(Instant.now(), 6, Channel.USER, "line " + i);
          log.rotate();
        }
        log.say(Instant.now(), 6, Channel.USER, "last");
        Await.until("the last line is there", () -> lines().contains("o/vm last"));
      }
    }
    assertThat(lines()).doesNotHaveDuplicates().startsWith("o/vm first");
  }

  @Test
  void follow_rotatedFileWhileThereIsNoCurrentOne_isReadOnce() throws Exception {
    Path log = Files.createDirectories(folder.resolve("o")).resolve("vm.log");
    Files.writeString(log, "<14>Nov 21 03:04:05 vm a\n");
    try (Running running = follow(new From.Last(10))) {
      running.await(1);
      Files.move(log, log.resolveSibling("vm.log.2"));
      Files.writeString(log.resolveSibling("vm.log.1"), "<14>Nov 21 03:04:06 vm b\n");
      Await.until("the rotated file is read", () -> lines().contains("o/vm b"));
      Files.writeString(log, "<14>Nov 21 03:04:07 vm c\n");
      Await.until("the new file is read", () -> lines().contains("o/vm c"));
    }
    assertThat(lines()).containsExactly("o/vm a", "o/vm b", "o/vm c");
  }

  @Test
  void follow_vmsThatComeLater_joinFromTheirFirstLine() throws Exception {
    Files.createDirectories(folder.resolve("@realms"));
    try (Running running = follow(new From.Last(10))) {
      List<WrittenLog> logs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        WrittenLog log = WrittenLog.in(folder, "o" + i % 3, "vm-" + i, LineFormat.RFC5424);
        log.say(Instant.now(), 6, Channel.USER, "hello");
        logs.add(log);
      }
      Path realm = Files.createDirectories(folder.resolve("@realms/a/b"));
      Files.writeString(realm.resolve("web.log"), "<30>Nov 21 03:04:05 web deep\n");
      running.await(2 * 21); // each is new, and says something
      logs.forEach(WrittenLog::close);
    }
    assertThat(seen())
        .contains("o1/vm-1 NEW", "o1/vm-1 hello", "@realms/a/b/web NEW", "@realms/a/b/web deep");
    assertThat(lines()).hasSize(21).doesNotHaveDuplicates();
  }

  @Test
  void logs_inTheDeepestRealmThatMayBeWritten_areFound() throws Exception {
    Path realm = folder.resolve("@realms");
    for (int depth = 0; depth < RealmPath.MAX_DEPTH; depth++) {
      realm = Files.createDirectories(realm.resolve("r"));
    }
    Files.writeString(realm.resolve("web.log"), "<30>Nov 21 03:04:05 web deep\n");
    assertThat(LogFolder.open(folder, (path, cause) -> {}).logs())
        .extracting(log -> log.name().name())
        .containsExactly("web");
  }

  @Test
  void follow_fiveHundredVms_hasEachLineOnce() throws Exception {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Path owner = Files.createDirectories(folder.resolve("o" + i % 7));
      files.add(Files.writeString(owner.resolve("vm-" + i + ".log"), line("old")));
    }
    try (Running running = follow(new From.Last(1))) {
      running.await(500);
      for (int round = 0; round < 3; round++) {
        for (Path file : files) {
          Files.writeString(file, line("new " + round), UTF_8, StandardOpenOption.APPEND);
        }
      }
      running.await(2000);
    }
    assertThat(lines()).hasSize(2000).doesNotHaveDuplicates();
  }

  @Test
  void follow_aVmThatStops_keepsItsLastLinesAndThenSaysSo() throws Exception {
    Path socket = Files.createDirectories(sockets.resolve("o")).resolve("vm.lsock");
    Files.createFile(socket);
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164)) {
      log.say(Instant.now(), 6, Channel.USER, "before");
      try (Running running = follow(new From.Last(10))) {
        running.await(1);
        Await.until("it was seen live", running::hasLookedAtAll);
        log.say(Instant.now(), 6, Channel.USER, "last words");
        Files.delete(socket);
        running.await(3);
        Files.createFile(socket);
        running.await(4);
      }
    }
    assertThat(seen())
        .containsExactly("o/vm before", "o/vm last words", "o/vm STOPPED", "o/vm LIVE");
  }

  @Test
  void follow_aLogThatIsRemoved_saysSoAndTakesItsNextOne() throws Exception {
    Path file = Files.createDirectories(folder.resolve("o")).resolve("vm.log");
    Files.writeString(file, line("one"));
    try (Running running = follow(new From.Last(10))) {
      running.await(1);
      Files.writeString(file, line("two"), UTF_8, StandardOpenOption.APPEND);
      Files.delete(file);
      running.await(3);
      Files.writeString(file, line("three"));
      running.await(4);
    }
    assertThat(seen()).containsExactly("o/vm one", "o/vm two", "o/vm GONE", "o/vm three");
  }

  /** By copytruncate, and the forwarder writes more than there was before anybody looks. */
  @Test
  void follow_aFileThatIsEmptiedAndGrowsBeyond_hasEachLineOnce() throws Exception {
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC5424)) {
      log.say(Instant.now(), 6, Channel.USER, "one");
      try (Running running = follow(new From.Last(10))) {
        running.await(1);
        try (FileChannel open =
            FileChannel.open(folder.resolve("o/vm.log"), StandardOpenOption.WRITE)) {
          open.truncate(0);
        }
        for (int i = 0; i < 20; i++) {
          log.say(Instant.now(), 6, Channel.USER, "after " + i);
        }
        Await.until("the last is there", () -> lines().contains("o/vm after 19"));
      }
    }
    assertThat(lines()).hasSize(21).doesNotHaveDuplicates().startsWith("o/vm one", "o/vm after 0");
  }

  @Test
  void follow_logFolderThatIsRemovedAndMadeAnew_goesOn() throws Exception {
    Files.createDirectories(folder.resolve("o"));
    try (Running running = follow(new From.Last(10))) {
      Await.until("it was looked at", running::hasLookedAtAll);
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(one);
        }
      }
      try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC5424)) {
        log.say(Instant.now(), 6, Channel.USER, "anew");
        Await.until("the line is there", () -> lines().contains("o/vm anew"));
      }
    }
    assertThat(lines()).containsExactly("o/vm anew");
  }

  @Test
  void follow_lineThatIsNotWhole_waitsForItsEndAndForgetsWhatIsCutOff() throws Exception {
    Path file = Files.createDirectories(folder.resolve("o")).resolve("vm.log");
    Files.writeString(file, line("one") + "<14>Nov 21 03:04:05 vm torn");
    try (Running running = follow(new From.Last(10))) {
      running.await(1);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(line("one").length());
      }
      Files.writeString(file, line("two"), UTF_8, StandardOpenOption.APPEND);
      running.await(2);
      Files.writeString(file, "<14>Nov 21 03:04:05 vm in two ", UTF_8, StandardOpenOption.APPEND);
      Files.writeString(file, "parts\n", UTF_8, StandardOpenOption.APPEND);
      running.await(3);
    }
    assertThat(seen()).containsExactly("o/vm one", "o/vm two", "o/vm in two parts");
  }

  @Test
  void cursor_ofWhatWasFollowed_isWhereAnotherGoesOn() throws Exception {
    Cursor cursor;
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164)) {
      log.say(Instant.now(), 6, Channel.USER, "one");
      Running running = follow(new From.Last(10));
      log.say(Instant.now(), 6, Channel.USER, "two");
      log.rotate();
      running.await(2);
      running.stop();
      cursor = running.follower.cursor();
      running.follower.close();
      log.say(Instant.now(), 6, Channel.USER, "three");
      log.rotate();
      log.rotate();
      log.write(ByteBuffer.wrap(line("four").getBytes(UTF_8)));
    }
    try (Running running = follow(new From.After(Cursor.parse(cursor.toString())))) {
      running.await(4);
    }
    assertThat(lines()).containsExactly("o/vm one", "o/vm two", "o/vm three", "o/vm four");
  }

  private static String line(String content) {
    return "<14>Nov 21 03:04:05 vm " + content + "\n";
  }

  private List<String> seen() {
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  private List<String> lines() {
    return seen().stream().filter(one -> !one.matches(".* [A-Z]+")).toList();
  }

  private Running follow(From from) throws IOException {
    LogFolder logs = LogFolder.open(folder, FollowerTest::fail);
    Follower follower =
        new Follower(
            logs,
            name -> true,
            LineFilter.ALL,
            sockets,
            ZoneId.of("UTC"),
            InstantSource.system(),
            FollowerTest::fail);
    try (History history =
        History.open(
            logs, logs.logs(), LineFilter.ALL, from, ZoneId.of("UTC"), FollowerTest::fail)) {
      for (LogLine line = history.next(); line != null; line = history.next()) {
        add(line.log() + " " + line.line().content());
      }
      follower.goOn(history);
    }
    return new Running(follower);
  }

  private static void fail(Path path, Exception cause) {
    throw new AssertionError(path.toString(), cause);
  }

  private void add(String one) {
    synchronized (seen) {
      seen.add(one);
    }
  }

  /** A follower on a thread of its own. */
  private final class Running implements AutoCloseable, FollowSink {
    private final Follower follower;
    private final Future<?> run;
    private volatile int looks;

    Running(Follower follower) {
      this.follower = follower;
      this.run =
          thread.submit(
              () -> {
                follower.run(this);
                return null;
              });
    }

    @Override
    public void line(LogLine line) {
      add(line.log() + " " + line.line().content());
    }

    @Override
    public void change(LogName log, Change change) {
      add(log + " " + change.name());
    }

    @Override
    public void idle() {
      looks++;
    }

    boolean hasLookedAtAll() {
      return looks > 0;
    }

    void await(int count) {
      Await.until(
          count + " lines and changes are there",
          () -> run.isDone() || seen().size() >= count,
          () -> seen().toString());
    }

    void stop() {
      follower.stop();
      Object unused = Await.value(run);
    }

    @Override
    public void close() throws IOException {
      stop();
      follower.close();
    }
  }
}
