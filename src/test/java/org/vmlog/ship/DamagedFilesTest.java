package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogListing;
import org.vmlog.logs.LogText;

/**
 * Files that are damaged, cut, emptied or no logs at all: what can be read of the rest is shipped.
 */
class DamagedFilesTest {
  @TempDir Path temp;

  private final List<Path> leftOut = new ArrayList<>();
  private SinkLogs logs;
  private LogTail tail;

  @BeforeEach
  void open() throws IOException {
    logs = new SinkLogs(temp, 9, Runnable::run);
    tail = tail(null);
  }

  @AfterEach
  void close() {
    tail.close();
    logs.close();
  }

  @Test
  void listed_garbageAmongTheFiles_isNamedAndAllElseIsShipped() throws IOException {
    logs.write("web", "one\n");
    Path zeros = Files.write(logs.file("web", ".2.gz"), new byte[20]);
    Path foreign = logs.file("web", ".3.gz");
    try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(foreign))) {
      gzip.write("not the forwarder's\n".getBytes(UTF_8));
    }
    Path short1 = Files.write(logs.file("web", ".4.gz"), new byte[] {0x1f});
    look();
    assertThat(leftOut).contains(zeros, foreign, short1);
    assertThat(drain()).containsExactly("one\n");
  }

  /** Its size is in its header, so that what is missing is known to the byte. */
  @Test
  void next_compressedFileIsCut_shipsWhatIsThereOneGapAndTheNextFile() throws IOException {
    String first = noise(20_000);
    logs.write("web", first);
    long id = rotateTwice();
    Path gz = logs.file("web", ".2.gz");
    truncate(gz, Files.size(gz) / 2);
    look();
    List<Object> shipped = drain();
    String before =
        String.join(
            "",
            shipped.stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .filter(text -> !text.startsWith("second") && !text.startsWith("third"))
                .toList());
    assertThat(first).startsWith(before);
    assertThat(before).endsWith("\n").hasSizeGreaterThan(2_000);
    assertThat(shipped.subList(shipped.size() - 3, shipped.size()))
        .containsExactly(
            new Gap(tail.source(), id, before.length(), first.length(), Gap.Cause.UNREADABLE),
            "second\n",
            "third\n");
    assertThat(tail.unreadable()).containsExactly(gz);
  }

  @Test
  void next_aCutFileAgainAfterARestart_noSecondGap() throws IOException {
    logs.write("web", noise(20_000));
    long unused = rotateTwice();
    Path gz = logs.file("web", ".2.gz");
    truncate(gz, Files.size(gz) / 2);
    look();
    Shipment last = null;
    while (!(last instanceof Gap)) {
      last = tail.next().orElseThrow();
      tail.acknowledged();
    }
    LogCursor cursor = tail.cursor();
    tail.close();
    tail = tail(cursor);
    look();
    assertThat(drain()).containsExactly("second\n", "third\n");
  }

  @Test
  void next_severalMembers_areOneText() throws IOException {
    logs.write("web", noise(200_000));
    long unused = rotateTwice();
    Path gz = logs.file("web", ".2.gz");
    try (OutputStream more =
        new GZIPOutputStream(Files.newOutputStream(gz, StandardOpenOption.APPEND))) {
      more.write("another member\n".getBytes(UTF_8));
    }
    // The size in the header is the first member's; who joins files keeps the first header.
    look();
    List<Object> shipped = drain();
    assertThat(String.join("", shipped.stream().map(Object::toString).toList()))
        .endsWith("second\nthird\n")
        .doesNotContain("Gap");
  }

  @Test
  void next_fileMayNotBeRead_isAGapAndTheNextGoesOn() throws IOException {
    logs.write("web", "first\n");
    long id = logs.ids("web").get(0);
    logs.rotate("web");
    logs.write("web", "second\n");
    look();
    // A folder in its place cannot be read by anybody, root included.
    Path rotated = logs.file("web", ".1");
    Files.move(rotated, temp.resolve("aside"));
    Files.createDirectory(rotated);
    assertThat(id).isNotZero();
    look();
    assertThat(drain())
        .containsExactly(new Gap(tail.source(), id, 0, 6, Gap.Cause.DELETED), "second\n");
  }

  /** As logrotate's copytruncate does it. */
  @Test
  void next_emptiedBetweenTwoLooksAndWrittenTo_gapAndANewId() throws IOException {
    logs.write("web", "first\nsecond\n");
    look();
    assertThat(drain()).containsExactly("first\nsecond\n");
    long id = tail.cursor().file();
    logs.write("web", "third\n");
    look();
    truncate(logs.file("web", ""), 0);
    String after = "a long line that reaches further than all that stood there before\n";
    logs.write("web", after);
    assertThat(tail.next()).isEmpty(); // and not the middle of that line
    look();
    assertThat(drain())
        .containsExactly(new Gap(tail.source(), id, 13, 19, Gap.Cause.DELETED), after);
    assertThat(tail.cursor().file()).isNotEqualTo(id);
    assertThat(tail.cursor().offset()).isEqualTo(after.length());
  }

  @Test
  void next_lineLongerThanAnyOfAForwarders_isAGapAndTheNextLineIsShipped() throws IOException {
    logs.write("web", "one\n");
    append(new byte[3 * LogText.MAX_LINE_BYTES]);
    look();
    assertThat(drain()).containsExactly("one\n");
    assertThat(tail.next()).isEmpty(); // its end is not there yet
    append("\ntwo\n".getBytes(UTF_8));
    look();
    long id = tail.cursor().file();
    assertThat(drain())
        .containsExactly(
            new Gap(tail.source(), id, 4, 3L * LogText.MAX_LINE_BYTES + 5, Gap.Cause.TOO_LONG),
            "two\n");
  }

  /** Anything may stand in a file: nothing is thrown, and what follows is shipped. */
  @Test
  void next_anyBytesOverwritten_neverThrowsAndReachesTheEnd() throws IOException {
    Random random = org.vmlog.testing.Seed.random("DamagedFilesTest");
    for (int round = 0; round < 50; round++) {
      String vm = "vm" + round;
      logs.write(vm, noise(5_000));
      logs.rotate(vm);
      logs.write(vm, "second\n");
      logs.rotate(vm);
      logs.write(vm, "third\n");
      Path gz = logs.file(vm, ".2.gz");
      byte[] bytes = Files.readAllBytes(gz);
      int at = random.nextInt(bytes.length);
      random.nextBytes(bytes);
      byte[] good = Files.readAllBytes(gz);
      System.arraycopy(bytes, at, good, at, Math.min(1 + random.nextInt(200), bytes.length - at));
      Files.write(gz, random.nextInt(4) == 0 ? Arrays.copyOf(good, at) : good);
      tail.close();
      tail = tail(vm, null);
      look(vm);
      List<Object> shipped = drain();
      assertThat(shipped.subList(shipped.size() - 2, shipped.size()))
          .containsExactly("second\n", "third\n");
    }
  }

  private long rotateTwice() throws IOException {
    long id = logs.ids("web").get(0);
    logs.rotate("web");
    logs.write("web", "second\n");
    logs.rotate("web");
    logs.write("web", "third\n");
    return id;
  }

  private static String noise(int bytes) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    while (text.length() < bytes) {
      text.append(Long.toHexString(random.nextLong())).append('\n');
    }
    return text.toString();
  }

  private static void truncate(Path file, long bytes) throws IOException {
    try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
      open.truncate(bytes);
    }
  }

  private void append(byte[] bytes) throws IOException {
    Files.write(logs.file("web", ""), bytes, StandardOpenOption.APPEND);
  }

  private List<Object> drain() {
    List<Object> shipped = new ArrayList<>();
    for (var next = tail.next(); next.isPresent(); next = tail.next()) {
      shipped.add(
          next.get() instanceof Batch batch
              ? UTF_8.decode(ByteBuffer.wrap(batch.text(), 0, batch.length())).toString()
              : next.get());
      tail.acknowledged();
    }
    return shipped;
  }

  private void look() throws IOException {
    look("web");
  }

  /** Twice: only then is it believed that a file is gone. */
  private void look(String vm) throws IOException {
    LogListing listing =
        new LogListing(logs.directory, logs.state, (path, cause) -> leftOut.add(path));
    for (int i = 0; i < 2; i++) {
      tail.listed(listing.files(SinkLogs.name(vm), 9).orElseThrow());
    }
  }

  private LogTail tail(LogCursor from) {
    return tail("web", from);
  }

  private LogTail tail(String vm, LogCursor from) {
    return new LogTail(
        SinkLogs.name(vm),
        LogSource.of(Layout.PLAIN, SinkLogs.name(vm)),
        logs.listing().ids(),
        from,
        new BatchBuffer(1 << 16),
        Duration.ZERO);
  }
}
