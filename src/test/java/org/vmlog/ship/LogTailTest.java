package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogCursor;
import org.vmlog.testing.Seed;

class LogTailTest {
  private static final int BATCH_BYTES = 1 << 16;

  @TempDir Path temp;
  private SinkLogs logs;
  private LogTail tail;

  @BeforeEach
  void open() throws IOException {
    logs = new SinkLogs(temp, 3, Runnable::run);
    tail = tail(null);
  }

  @AfterEach
  void close() {
    tail.close();
    logs.close();
  }

  @Test
  void next_onlyWholeLines() throws IOException {
    logs.write("web", "one\ntwo\n");
    Files.writeString(logs.file("web", ""), "thr", StandardOpenOption.APPEND);
    look();
    assertThat(text(tail.next())).isEqualTo("one\ntwo\n");
    tail.acknowledged();
    assertThat(tail.next()).isEmpty();
    Files.writeString(logs.file("web", ""), "ee\n", StandardOpenOption.APPEND);
    assertThat(text(tail.next())).isEqualTo("three\n");
  }

  @Test
  void next_whileOneIsUnderWay_nothing() throws IOException {
    logs.write("web", "one\n");
    look();
    assertThat(tail.next()).isPresent();
    logs.write("web", "two\n");
    assertThat(tail.next()).isEmpty();
  }

  @Test
  void cursor_movesOnlyWhenAcknowledged() throws IOException {
    logs.write("web", "one\n");
    look();
    assertThat(tail.next()).isPresent();
    assertThat(tail.cursor().offset()).isZero();
    tail.retry();
    assertThat(tail.cursor().offset()).isZero();
    assertThat(text(tail.next())).isEqualTo("one\n");
    tail.acknowledged();
    assertThat(tail.cursor().offset()).isEqualTo(4);
  }

  @Test
  void next_afterRotations_fromTheOldestFileOn() throws IOException {
    logs.write("web", "one\n");
    logs.rotate("web");
    logs.write("web", "two\n");
    logs.rotate("web");
    logs.write("web", "three\n");
    assertThat(logs.file("web", ".2.gz")).exists();
    look();
    assertThat(drain()).containsExactly("one\n", "two\n", "three\n");
  }

  @Test
  void next_fileIsCompressedWhileItIsRead_goesOnInTheCompressedOne() throws IOException {
    logs.write("web", "one\ntwo\nthree\n");
    look();
    tail.close();
    tail = tail(new LogCursor(tail(null, true).file(), 4, 4));
    logs.rotate("web");
    logs.write("web", "four\n");
    logs.rotate("web");
    logs.write("web", "five\n");
    look();
    assertThat(drain()).containsExactly("two\nthree\n", "four\n", "five\n");
  }

  @Test
  void listed_fileIsGone_oneGapForWhatWasNotAcknowledged() throws IOException {
    logs.write("web", "one\ntwo\n");
    look();
    assertThat(drain()).containsExactly("one\ntwo\n");
    long first = tail.cursor().file();
    logs.write("web", "three\n");
    look();
    for (int i = 0; i < 5; i++) { // of which three are kept
      logs.rotate("web");
      logs.write("web", "more " + i + "\n");
    }
    look();
    Shipment gap = tail.next().orElseThrow();
    assertThat(gap).isEqualTo(new Gap(tail.source(), first, 8, 14));
    assertThat(((Gap) gap).text())
        .isEqualTo(
            "vmlog-ship: 6 bytes were deleted before they were shipped, from 8 of file %016x"
                .formatted(first));
    tail.acknowledged();
    assertThat(drain()).containsExactly("more 1\n", "more 2\n", "more 3\n", "more 4\n");
  }

  @Test
  void listed_fileIsGoneThatWasAcknowledged_noGap() throws IOException {
    logs.write("web", "one\n");
    look();
    assertThat(drain()).containsExactly("one\n");
    for (int i = 0; i < 5; i++) {
      logs.rotate("web");
      logs.write("web", "more " + i + "\n");
    }
    look();
    assertThat(tail.next()).containsInstanceOf(Batch.class);
  }

  @Test
  void listed_fileWentWhileNoShipperRan_gapForWhatItHadSeen() throws IOException {
    tail = tail(new LogCursor(0xfeed, 10, 30));
    logs.write("web", "one\n");
    look();
    assertThat(tail.next()).contains(new Gap(tail.source(), 0xfeed, 10, 30));
    tail.acknowledged();
    assertThat(drain()).containsExactly("one\n");
  }

  @Test
  void tooLarge_moreThanOneLine_triesLess() throws IOException {
    logs.write("web", "x".repeat(3000) + "\n" + "y".repeat(3000) + "\n");
    look();
    assertThat(tail.next()).isPresent();
    tail.tooLarge();
    assertThat(tail.isBlocked()).isFalse();
    assertThat(text(tail.next())).isEqualTo("x".repeat(3000) + "\n");
    tail.tooLarge();
    assertThat(tail.isBlocked()).isTrue();
    assertThat(text(tail.next())).isEqualTo("x".repeat(3000) + "\n");
    tail.acknowledged();
    assertThat(tail.isBlocked()).isFalse();
  }

  /** Its half is shorter than the first line, and must not become both again. */
  @Test
  void tooLarge_longLineAndAShortOne_triesTheLongAlone() throws IOException {
    String line = "x".repeat(BATCH_BYTES - 10) + "\n";
    logs.write("web", line + "short\n");
    look();
    assertThat(text(tail.next())).isEqualTo(line + "short\n");
    tail.tooLarge();
    assertThat(text(tail.next())).isEqualTo(line);
    tail.tooLarge();
    assertThat(tail.isBlocked()).isTrue();
  }

  @Test
  void rejected_oneOfSeveral_onlyThatOneIsPassed() throws IOException {
    logs.write("web", "one\nbad\ntwo\n");
    look();
    List<String> sent = new ArrayList<>();
    for (Optional<Shipment> next = tail.next(); next.isPresent(); next = tail.next()) {
      String text = text(next);
      if (text.contains("bad")) {
        sent.add(tail.rejected() ? "passed " + text : "");
      } else {
        tail.acknowledged();
        sent.add(text);
      }
    }
    sent.removeIf(String::isEmpty);
    assertThat(sent).containsExactly("one\n", "passed bad\n", "two\n");
  }

  @Test
  void next_lineLongerThanABatch_alone() throws IOException {
    String line = "x".repeat(5 * BATCH_BYTES) + "\n";
    logs.write("web", line + "short\n");
    look();
    List<String> batches = drain();
    assertThat(String.join("", batches)).isEqualTo(line + "short\n");
  }

  /**
   * Writes, rotations, compressions that come late, shipments lost or acknowledged, and new
   * processes, in any order: every line comes at least once, under its own id, in order.
   */
  @Test
  void next_randomly_everyLineInOrderAndNoneMissing() throws IOException {
    Random random = Seed.random("LogTailTest");
    Deque<Runnable> background = new ArrayDeque<>();
    try (SinkLogs many = new SinkLogs(temp.resolve("many"), 1000, background::add)) {
      Map<String, String> arrived = new LinkedHashMap<>();
      List<String> written = new ArrayList<>();
      LogTail reader = tail(many, null, 1 + random.nextInt(200));
      var listing = many.listing();
      for (int step = 0; step < 3000; step++) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> {
            String line = "line " + written.size() + " " + "x".repeat(random.nextInt(100));
            many.write("web", line + "\n");
            written.add(line);
          }
          case 3 -> {
            if (random.nextInt(4) == 0) {
              many.rotate("web");
            }
          }
          case 4 -> {
            if (!background.isEmpty()) {
              background.remove().run();
            }
          }
          case 5 -> {
            if (random.nextInt(10) == 0) {
              reader.close();
              reader = tail(many, reader.cursor(), 1 + random.nextInt(200));
              look(listing, reader);
            } else if (random.nextInt(6) == 0) { // An inode may have come back meanwhile.
              look(listing, reader);
            }
          }
          default -> step(reader, arrived, random.nextInt(3) > 0);
        }
      }
      background.forEach(Runnable::run);
      look(listing, reader);
      while (step(reader, arrived, true)) {}
      reader.close();
      assertThat(List.copyOf(arrived.values())).isEqualTo(written);
    }
  }

  private static boolean step(LogTail reader, Map<String, String> arrived, boolean acknowledged) {
    Optional<Shipment> next = reader.next();
    if (next.isEmpty()) {
      return false;
    }
    assertThat(next.get()).isInstanceOf(Batch.class);
    Batch batch = (Batch) next.get();
    batch.forEach(
        (from, to) -> {
          String line = new String(batch.text(), from, to - from, UTF_8);
          String before = arrived.putIfAbsent(batch.file() + "@" + (batch.offset() + from), line);
          assertThat(before == null ? line : before).isEqualTo(line);
        });
    if (acknowledged) {
      reader.acknowledged();
    } else {
      reader.retry();
    }
    return true;
  }

  private List<String> drain() {
    List<String> batches = new ArrayList<>();
    for (var next = tail.next(); next.isPresent(); next = tail.next()) {
      batches.add(text(next));
      tail.acknowledged();
    }
    return batches;
  }

  private static String text(Optional<Shipment> shipment) {
    Batch batch = (Batch) shipment.orElseThrow();
    return new String(batch.text(), 0, batch.length(), UTF_8);
  }

  private void look() throws IOException {
    look(logs.listing(), tail);
  }

  /** Twice: only then is it believed that a file is gone. */
  private static void look(org.vmlog.logs.LogListing listing, LogTail tail) throws IOException {
    for (int i = 0; i < 2; i++) {
      int highest = listing.logs().getOrDefault(SinkLogs.name("web"), 0);
      tail.listed(listing.files(SinkLogs.name("web"), highest).orElseThrow());
    }
  }

  /** The cursor of a new tail that has looked. */
  private LogCursor tail(LogCursor from, boolean looked) throws IOException {
    try (LogTail other = tail(from)) {
      look(logs.listing(), other);
      assertThat(other.next().isPresent()).isEqualTo(looked);
      return other.cursor();
    }
  }

  private static LogSource source() {
    return LogSource.of(Layout.PLAIN, SinkLogs.name("web"));
  }

  private LogTail tail(LogCursor from) {
    return tail(logs, from, BATCH_BYTES);
  }

  private static LogTail tail(SinkLogs of, LogCursor from, int batchBytes) {
    return new LogTail(
        SinkLogs.name("web"), source(), of.listing().ids(), from, new BatchBuffer(batchBytes));
  }
}
