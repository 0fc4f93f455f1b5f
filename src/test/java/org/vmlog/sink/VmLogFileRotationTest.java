package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;
import org.vmlog.sink.WriteResult.Complete;

@Timeout(120)
class VmLogFileRotationTest {
  @TempDir Path temp;
  private final LogFileName name = new LogFileName(List.of("alice"), "web");
  private LogDirectory logs;
  private @Nullable DiskQuota quota;
  private Path path;
  private Duration monotonic = Duration.ZERO;

  @BeforeEach
  void openLogs() throws IOException {
    logs = LogDirectory.open(temp, Layout.PLAIN, temp.resolve(".state"));
    path = temp.resolve("alice/web.log");
  }

  @Test
  void write_pastMaxSize_goesToANewFile() throws IOException {
    try (VmLogFile file = file(20, 3, Runnable::run)) {
      write(file, "0123456789\n");
      write(file, "01234567\n");
      assertThat(log(1)).doesNotExist();
      write(file, "x\n");
    }
    assertThat(log(1)).hasContent("0123456789\n01234567\n");
    assertThat(path).hasContent("x\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void write_largerThanMaxSize_goesWholeIntoAFreshFile() throws IOException {
    try (VmLogFile file = file(20, 3, Runnable::run)) {
      write(file, "one\n");
      write(file, "a line that alone is larger than the limit\n");
      write(file, "three\n");
    }
    assertThat(log(1)).hasContent("a line that alone is larger than the limit\n");
    assertThat(log(2, ".gz")).exists();
    assertThat(gunzip(log(2, ".gz"))).containsExactly("one");
    assertThat(path).hasContent("three\n");
  }

  @Test
  void rotate_onRequest_beginsANewFileUnlessThereIsNothingInIt() throws IOException {
    try (VmLogFile file = file(1 << 20, 3, Runnable::run)) {
      file.rotate();
      assertThat(log(1)).doesNotExist();
      write(file, "one\n");
      file.rotate();
      file.rotate();
      write(file, "two\n");
    }
    assertThat(log(1)).hasContent("one\n");
    assertThat(log(2)).doesNotExist();
    assertThat(path).hasContent("two\n");
  }

  @Test
  void rotate_onRequestThatCannotBeMet_saysSoAndGrowsOn() throws IOException {
    try (VmLogFile file = file(1 << 20, 3, Runnable::run)) {
      write(file, "one\n");
      Files.createDirectories(temp.resolve("alice/web.log.new").resolve("not empty"));
      assertThatThrownBy(file::rotate)
          .isInstanceOf(IOException.class)
          .hasMessage("alice/web.log cannot be rotated");
      write(file, "two\n");
    }
    assertThat(path).hasContent("one\ntwo\n");
  }

  @Test
  void write_afterMaxAge_goesToANewFile() throws IOException {
    try (VmLogFile file = file(1 << 20, 3, Runnable::run)) {
      write(file, "one\n");
      monotonic = Duration.ofDays(1);
      write(file, "two\n");
      write(file, "three\n");
    }
    assertThat(log(1)).hasContent("one\n");
    assertThat(path).hasContent("two\nthree\n");
  }

  @Test
  void write_keepNone_leavesOneFile() throws IOException {
    try (VmLogFile file = file(4, 0, Runnable::run)) {
      write(file, "one\n");
      write(file, "two\n");
    }
    assertThat(path).hasContent("two\n");
    try (var files = Files.list(path.getParent())) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void write_newFileCannotBeMade_growsOnAndRotatesLater() throws IOException {
    Path inTheWay = temp.resolve("alice/web.log.new");
    try (VmLogFile file = file(10, 3, Runnable::run)) {
      write(file, "one\n");
      Files.createDirectories(inTheWay.resolve("not empty"));
      write(file, "two two\n");
      write(file, "three\n");
      Files.delete(inTheWay.resolve("not empty"));
      Files.delete(inTheWay);
      write(file, "four\n");
      assertThat(path).hasContent("one\ntwo two\nthree\nfour\n");
      monotonic = Duration.ofSeconds(1);
      write(file, "five\n");
    }
    assertThat(log(1)).hasContent("one\ntwo two\nthree\nfour\n");
    assertThat(path).hasContent("five\n");
  }

  @Test
  void write_renameFails_growsOn() throws IOException {
    Files.createDirectories(temp.resolve("alice/web.log.1/not empty"));
    Files.createDirectories(temp.resolve("alice/web.log.2/not empty"));
    try (VmLogFile file = file(10, 2, Runnable::run)) {
      write(file, "one\n");
      write(file, "two two\n");
      write(file, "three\n");
    }
    assertThat(path).hasContent("one\ntwo two\nthree\n");
  }

  @Test
  void close_whileCompressing_leavesThePlainFileToTheNextWriter() throws IOException {
    Queue<Runnable> background = new ArrayDeque<>();
    VmLogFile first = file(4, 5, background::add);
    for (String line : List.of("one\n", "two\n", "three\n")) {
      write(first, line);
    }
    first.close();
    try (VmLogFile second = file(4, 5, background::add)) {
      write(second, "four\n");
      background.forEach(Runnable::run);
    }
    assertThat(gunzip(log(2, ".gz"))).containsExactly("two");
    assertThat(gunzip(log(3, ".gz"))).containsExactly("one");
    assertThat(log(1)).hasContent("three\n");
    assertThat(path).hasContent("four\n");
  }

  @Test
  void compress_symbolicLinkPlanted_isNotReadThrough() throws IOException {
    Path secret = Files.writeString(temp.resolve("secret"), "secret\n");
    Files.createDirectories(path.getParent());
    Files.createSymbolicLink(log(2), secret);
    try (VmLogFile file = file(1 << 20, 5, Runnable::run)) {
      write(file, "one\n");
    }
    assertThat(log(2)).isSymbolicLink();
    assertThat(log(2, ".gz")).doesNotExist();
  }

  @Test
  void write_hundredsOfRotationsWithRestarts_everyLineOnceAndInOrder() throws Exception {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println("VmLogFileRotationTest: -Dvmlog.seed=" + seed);
    Random random = new Random(seed);
    ExecutorService background = Executors.newSingleThreadExecutor();
    int written = 0;
    try {
      VmLogFile file = file(2000, 1000, background);
      for (int round = 0; round < 900; round++) {
        int count = random.nextInt(1, 40);
        List<String> lines = Lines.numbered(written, written + count, random.nextInt(12, 60));
        written += count;
        assertThat(file.write(Lines.of(lines))).isInstanceOf(Complete.class);
        switch (random.nextInt(40)) {
          case 0 -> file.reopen();
          case 1 -> {
            file.close();
            file = file(2000, 1000, background);
          }
          default -> {}
        }
      }
      file.close();
    } finally {
      background.shutdown();
      assertThat(background.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < written; i++) {
      expected.add(i);
    }
    int rotated = highest();
    assertThat(rotated).isGreaterThan(200);
    assertThat(numbers(rotated)).isEqualTo(expected);
  }

  /** The compressor runs while names shift and files fall off the end. */
  @Test
  void write_fewKeptWhileCompressing_leavesAnUnbrokenEnd() throws Exception {
    ExecutorService background = Executors.newSingleThreadExecutor();
    int written = 0;
    try (VmLogFile file = file(20_000, 4, background)) {
      while (written < 200_000) {
        assertThat(file.write(Lines.of(Lines.numbered(written, written + 250, 60))))
            .isInstanceOf(Complete.class);
        written += 250;
      }
    } finally {
      background.shutdown();
      assertThat(background.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    List<Integer> kept = numbers(highest());
    assertThat(kept).hasSizeGreaterThan(4 * 250);
    for (int i = 0; i < kept.size(); i++) {
      assertThat(kept.get(i)).isEqualTo(written - kept.size() + i);
    }
    try (var files = Files.list(path.getParent())) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .allMatch(name -> name.matches("web\\.log(\\.[1-4](\\.gz)?)?"));
    }
  }

  @Test
  void write_followedByTail_printsEveryLineOnce() throws Exception {
    Path out = temp.resolve("out");
    Files.createDirectories(path.getParent());
    Process tail = tail(out);
    try (VmLogFile file = file(1000, 5, Runnable::run)) {
      for (int i = 0; i < 60; i += 10) {
        assertThat(file.write(Lines.of(Lines.numbered(i, i + 10, 60))))
            .isInstanceOf(Complete.class);
        int lines = i + 10;
        await(() -> count(out) >= lines);
      }
    } finally {
      tail.destroy();
      tail.waitFor();
    }
    assertThat(Files.readAllLines(out)).isEqualTo(Lines.numbered(0, 60, 60));
  }

  private Process tail(Path out) throws IOException {
    try {
      return new ProcessBuilder("tail", "-n", "+1", "-s", "0.05", "-F", path.toString())
          .redirectOutput(out.toFile())
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      assumeTrue(false, "tail(1) is missing: " + e.getMessage());
      throw e;
    }
  }

  private static int count(Path out) {
    try {
      return Files.readAllLines(out).size();
    } catch (IOException e) {
      return 0;
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("within 30 s").isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private VmLogFile file(long maxSize, int keep, Executor background) {
    RotationPolicy policy = new RotationPolicy(maxSize, Duration.ofDays(1), keep, true);
    InstantSource wall = () -> Instant.now().plus(monotonic);
    LogRotation rotation =
        new LogRotation(policy.maxAge(), () -> maxSize, wall, () -> monotonic.toNanos());
    LogSync sync = new LogSync(SyncMode.NEVER, System::nanoTime);
    return new VmLogFile(quota(keep), name, rotation, sync, new LogCompressor(background));
  }

  /** One for all files of a test, as for all of a process. */
  private DiskQuota quota(int keep) {
    try {
      DiskQuota one = quota == null ? Quotas.none(logs, keep) : quota;
      quota = one;
      return one;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(VmLogFile file, String text) {
    assertThat(file.write(Lines.buffers(text))).isEqualTo(new Complete(text.length()));
  }

  private int highest() {
    int n = 0;
    while (Files.exists(log(n + 1)) || Files.exists(log(n + 1, ".gz"))) {
      n++;
    }
    return n;
  }

  /** The numbers of all lines, the oldest first. */
  private List<Integer> numbers(int rotated) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int n = rotated; n > 0; n--) {
      assertThat(Files.exists(log(n)) && Files.exists(log(n, ".gz"))).isFalse();
      lines.addAll(Files.exists(log(n)) ? Files.readAllLines(log(n)) : gunzip(log(n, ".gz")));
    }
    lines.addAll(Files.readAllLines(path));
    return lines.stream().map(line -> Integer.valueOf(line.split(" ", 3)[1])).toList();
  }

  private static List<String> gunzip(Path file) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private Path log(int n) {
    return log(n, "");
  }

  private Path log(int n, String suffix) {
    return path.resolveSibling("web.log." + n + suffix);
  }
}
