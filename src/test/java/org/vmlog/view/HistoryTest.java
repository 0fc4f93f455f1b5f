package org.vmlog.view;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.logs.LogCursor;
import org.vmlog.logs.LogFolder;
import org.vmlog.logs.LogText;
import org.vmlog.logs.VmLog;
import org.vmlog.record.Channel;
import org.vmlog.record.LineFormat;
import org.vmlog.testing.Seed;
import org.vmlog.testing.WrittenLog;
import org.vmlog.view.query.LineFilter;
import org.vmlog.view.query.SeverityRange;
import org.vmlog.view.query.TextMatch;

/** What comes of logs as the forwarder's own sink wrote, rotated and compressed them. */
class HistoryTest {
  private static final Instant NOW = Instant.now();

  @TempDir Path folder;

  private final List<String> leftOut = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void history_ofAnyFiles_hasEachLineOnceInOrder(int logs) throws IOException {
    Random random = Seed.random("history_ofAnyFiles_hasEachLineOnceInOrder");
    Map<String, List<String>> written = new HashMap<>();
    for (int log = 0; log < logs; log++) {
      written.put("o/vm-" + log, write("vm-" + log, random, random.nextInt(400), true));
    }

    List<LogLine> all = read(LineFilter.ALL, new From.Beginning());

    assertThat(byLog(all)).isEqualTo(withoutEmpty(written));
    assertThat(all).isSortedAccordingTo(Comparator.comparingLong(line -> line.line().micros()));
    assertThat(leftOut).isEmpty();
  }

  @Test
  void history_ofTimesThatStepBack_hasEachLineOnceAndEachLogInItsOrder() throws IOException {
    Random random = Seed.random("history_ofTimesThatStepBack_...");
    Map<String, List<String>> written = new HashMap<>();
    for (int log = 0; log < 4; log++) {
      written.put("o/vm-" + log, write("vm-" + log, random, 300, false));
    }
    assertThat(byLog(read(LineFilter.ALL, new From.Beginning()))).isEqualTo(written);
  }

  @Test
  void last_ofAnyNumber_isTheEndOfTheWhole() throws IOException {
    Random random = Seed.random("last_ofAnyNumber_isTheEndOfTheWhole");
    for (int log = 0; log < 3; log++) {
      write("vm-" + log, random, 300, false);
    }
    LineFilter filter =
        new LineFilter(
            new SeverityRange(0, random.nextInt(8)),
            Optional.empty(),
            Optional.empty(),
            Set.of(),
            Set.of(),
            Optional.of(TextMatch.regex("[a-z]" + random.nextInt(10), false)),
            random.nextBoolean());
    Map<String, List<String>> whole = byLog(read(filter, new From.Beginning()));
    for (int count : new int[] {0, 1, 2, random.nextInt(300), 1000}) {
      Map<String, List<String>> expected = new HashMap<>();
      whole.forEach(
          (log, lines) ->
              expected.put(log, lines.subList(Math.max(0, lines.size() - count), lines.size())));
      assertThat(byLog(read(filter, new From.Last(count)))).isEqualTo(withoutEmpty(expected));
    }
  }

  @Test
  void search_withSeveralReaders_findsWhatHistoryDoes() throws Exception {
    Random random = Seed.random("search_withSeveralReaders_findsWhatHistoryDoes");
    for (int log = 0; log < 9; log++) {
      write("vm-" + log, random, 200, true);
    }
    for (String regex : List.of("x", "a1", "q.?7", "[ab]3", "no such thing at all")) {
      LineFilter filter = holding(TextMatch.regex(regex, false));
      List<String> found = new ArrayList<>();
      ExecutorService readers = Executors.newFixedThreadPool(3);
      LogFolder logs = LogFolder.open(folder, this::leftOut);
      try (Search search =
          Search.start(
              logs,
              logs.logs(),
              filter,
              new From.Beginning(),
              ZoneId.systemDefault(),
              readers,
              this::leftOut)) {
        for (LogLine line = search.next(); line != null; line = search.next()) {
          found.add(line.log() + line.line().toString());
        }
      } finally {
        readers.shutdownNow();
      }
      assertThat(found)
          .as(regex)
          .isEqualTo(
              read(filter, new From.Beginning()).stream()
                  .map(line -> line.log() + line.line().toString())
                  .toList());
    }
  }

  @Test
  void after_aCursor_comesWhatHasComeSince() throws IOException {
    Random random = Seed.random("after_aCursor_comesWhatHasComeSince");
    Cursor cursor = Cursor.of(Map.of());
    List<String> read = new ArrayList<>();
    List<String> written = new ArrayList<>();
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164)) {
      for (int round = 0; round < 40; round++) {
        for (int n = random.nextInt(4); n > 0; n--) {
          String text = "line " + written.size();
          log.say(NOW, 6, Channel.USER, text);
          written.add(text);
        }
        for (int n = random.nextInt(3); n > 0; n--) {
          log.rotate();
        }
        LogFolder logs = LogFolder.open(folder, this::leftOut);
        try (History history =
            History.open(
                logs,
                logs.logs(),
                LineFilter.ALL,
                new From.After(Cursor.parse(cursor.toString())),
                ZoneId.systemDefault(),
                this::leftOut)) {
          for (LogLine line = history.next(); line != null; line = history.next()) {
            read.add(line.line().content());
          }
          cursor = history.cursor();
        }
      }
    }
    assertThat(read).isEqualTo(written);
  }

  /** A fleet's VMs say the same at each start, and times are in seconds. */
  @Test
  void after_aCursorInTheFirstOfFilesThatBeginAlike_comesTheRest() throws IOException {
    List<String> written = new ArrayList<>();
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164)) {
      for (int file = 0; file < 3; file++) {
        for (int i = 0; i < 61; i++) {
          log.write(
              ByteBuffer.wrap(
                  ("<14>Nov 21 03:04:05 vm " + "x".repeat(100) + i + "\n").getBytes(UTF_8)));
          written.add("x".repeat(100) + i);
        }
        if (file < 2) {
          log.rotate();
        }
      }
    }
    Cursor cursor = firstOf(LogFolder.open(folder, this::leftOut));

    assertThat(byLog(read(LineFilter.ALL, new From.After(cursor))))
        .isEqualTo(Map.of("o/vm", written.subList(61, written.size())));
  }

  /** Where the oldest file ends. */
  private static Cursor firstOf(LogFolder logs) throws IOException {
    VmLog log = logs.logs().get(0);
    List<LogText> files = logs.open(log);
    LogText oldest = files.get(0);
    Cursor cursor =
        Cursor.of(Map.of(log.name(), LogCursor.beginOf(oldest.id()).at(oldest.bytes())));
    LogFolder.closeAll(files);
    return cursor;
  }

  @Test
  void history_ofHostileLines_hasThemAsTheyAre() throws IOException {
    byte[] huge = new byte[1 << 20];
    Arrays.fill(huge, (byte) 'x');
    try (WrittenLog log = WrittenLog.in(folder, "o", "vm", LineFormat.RFC3164)) {
      log.write(ByteBuffer.wrap("\n\n<\n\u001b[2J\n".getBytes(UTF_8)));
      log.write(ByteBuffer.wrap(new byte[] {(byte) 0xff, (byte) 0xc3, 0, '\n'}));
      log.write(ByteBuffer.wrap(huge));
      log.write(
          ByteBuffer.wrap("\n<14>Nov 21 03:04:05 vm \u202etag: x\nnot whole".getBytes(UTF_8)));
    }
    List<String> expected =
        List.of("", "", "<", "\u001b[2J", "\u00ff\u00c3\u0000", new String(huge, ISO_8859_1));

    for (From from : List.of(new From.Beginning(), new From.Last(100))) {
      List<LogLine> lines = read(LineFilter.ALL, from);
      assertThat(lines.stream().map(line -> new String(line.line().bytes(), ISO_8859_1)).limit(6))
          .isEqualTo(expected);
      assertThat(lines).hasSize(7);
      assertThat(lines.get(6).line().content()).isEqualTo("\u202etag: x");
    }
  }

  @Test
  void history_ofGzipThatIsCutOff_hasWhatIsLeftAndSaysSo() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      Random random = new Random(1);
      for (int i = 0; i < 3000; i++) {
        gzip.write(
            ("<14>Nov 21 03:04:05 vm n " + i + " " + random.nextLong() + "\n").getBytes(UTF_8));
      }
    }
    Path file = Files.createDirectories(folder.resolve("o")).resolve("vm.log.2.gz");
    Files.write(file, Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
    Files.writeString(folder.resolve("o/vm.log.1.gz"), "no gzip at all");
    Files.writeString(folder.resolve("o/vm.log"), "<14>Nov 21 03:04:05 vm last\n");

    List<LogLine> lines = read(LineFilter.ALL, new From.Beginning());

    assertThat(lines).hasSizeBetween(500, 2900);
    assertThat(lines.get(lines.size() - 1).line().content()).isEqualTo("last");
    assertThat(leftOut)
        .satisfiesExactlyInAnyOrder(
            one -> assertThat(one).startsWith(file.toString()),
            one -> assertThat(one).startsWith(folder.resolve("o/vm.log.1.gz").toString()));
    assertThat(read(LineFilter.ALL, new From.Last(2)).get(1).line().content()).isEqualTo("last");
  }

  @Test
  void history_ofLinksAndFolders_passesThemOver() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "<14>Nov 21 03:04:05 x secret\n");
    Files.createDirectories(folder.resolve("o/folder.log"));
    Files.createSymbolicLink(folder.resolve("o/link.log"), secret);
    Files.createSymbolicLink(folder.resolve("mallory"), folder.resolve("o"));
    Files.createSymbolicLink(folder.resolve("o/vm.log.1"), secret);
    Files.writeString(folder.resolve("o/vm.log"), "<14>Nov 21 03:04:05 vm here\n");

    for (From from : List.of(new From.Beginning(), new From.Last(100))) {
      assertThat(byLog(read(LineFilter.ALL, from))).isEqualTo(Map.of("o/vm", List.of("here")));
    }
  }

  @Test
  void history_ofFilesThatVanish_goesOnWithTheOthers() throws IOException {
    Random random = new Random(2);
    write("vm-0", random, 100, true);
    write("vm-1", random, 100, true);
    LogFolder logs = LogFolder.open(folder, this::leftOut);
    List<VmLog> found = logs.logs();
    for (Path path : found.get(0).paths()) {
      Files.delete(path);
    }
    try (History history =
        History.open(
            logs,
            found,
            LineFilter.ALL,
            new From.Beginning(),
            ZoneId.systemDefault(),
            this::leftOut)) {
      for (Path path : found.get(1).paths()) {
        Files.delete(path); // it is open by now
      }
      int lines = 0;
      for (LogLine line = history.next(); line != null; line = history.next()) {
        assertThat(line.log().name()).isEqualTo("vm-1");
        lines++;
      }
      assertThat(lines).isEqualTo(100);
    }
    assertThat(leftOut).isEmpty();
  }

  @Test
  void history_acrossAYearsEnd_hasItsYearsFromTheFiles() throws IOException {
    Path o = Files.createDirectories(folder.resolve("o"));
    Files.writeString(
        o.resolve("vm.log.1"), "<14>Nov 30 00:00:00 vm a\n<14>Dec 31 23:59:59 vm b\n");
    Files.setLastModifiedTime(
        o.resolve("vm.log.1"), FileTime.from(Instant.parse("2019-12-31T23:59:59Z")));
    Files.writeString(o.resolve("vm.log"), "<14>Jan  1 00:00:00 vm c\n<14>Jun  1 00:00:00 vm d\n");
    Files.setLastModifiedTime(
        o.resolve("vm.log"), FileTime.from(Instant.parse("2020-06-01T00:00:00Z")));
    for (From from : List.of(new From.Beginning(), new From.Last(4))) {
      assertThat(read(LineFilter.ALL, from, ZoneId.of("UTC")))
          .extracting(line -> Instant.ofEpochMilli(line.line().micros() / 1000).toString())
          .containsExactly(
              "2019-11-30T00:00:00Z",
              "2019-12-31T23:59:59Z",
              "2020-01-01T00:00:00Z",
              "2020-06-01T00:00:00Z");
    }
  }

  /** Lines in files of all kinds; answers their contents. */
  private List<String> write(String name, Random random, int count, boolean ordered)
      throws IOException {
    List<String> contents = new ArrayList<>();
    long time = NOW.getEpochSecond() - 3600;
    LineFormat format = LineFormat.values()[random.nextInt(3)];
    try (WrittenLog log = WrittenLog.in(folder, "o", name, format)) {
      for (int i = 0; i < count; i++) {
        time += ordered ? random.nextInt(4) : random.nextInt(400) - 198;
        String content = (char) ('a' + random.nextInt(26)) + "" + random.nextInt(10) + " " + i;
        log.say(
            Instant.ofEpochSecond(time),
            random.nextInt(8),
            Channel.USER,
            content + "x".repeat(random.nextInt(20) == 0 ? random.nextInt(30_000) : 3));
        contents.add(content);
        if (random.nextInt(60) == 0) {
          log.rotate();
        }
      }
    }
    return contents;
  }

  private List<LogLine> read(LineFilter filter, From from) throws IOException {
    return read(filter, from, ZoneId.systemDefault());
  }

  private List<LogLine> read(LineFilter filter, From from, ZoneId zone) throws IOException {
    List<LogLine> lines = new ArrayList<>();
    LogFolder logs = LogFolder.open(folder, this::leftOut);
    try (History history = History.open(logs, logs.logs(), filter, from, zone, this::leftOut)) {
      for (LogLine line = history.next(); line != null; line = history.next()) {
        lines.add(line);
      }
    }
    return lines;
  }

  private void leftOut(Path path, Exception cause) {
    leftOut.add(path + ": " + cause);
  }

  private static LineFilter holding(TextMatch text) {
    LineFilter all = LineFilter.ALL;
    return new LineFilter(
        all.severities(),
        all.since(),
        all.until(),
        all.tags(),
        all.channels(),
        Optional.of(text),
        false);
  }

  /** Contents without what only makes them long. */
  private static Map<String, List<String>> byLog(List<LogLine> lines) {
    Map<String, List<String>> byLog = new HashMap<>();
    for (LogLine line : lines) {
      String content = line.line().content();
      byLog
          .computeIfAbsent(line.log().toString(), missing -> new ArrayList<>())
          .add(content.replaceAll("x+$", ""));
    }
    return byLog;
  }

  private static Map<String, List<String>> withoutEmpty(Map<String, List<String>> logs) {
    Map<String, List<String>> rest = new HashMap<>(logs);
    rest.values().removeIf(List::isEmpty);
    return rest;
  }
}
