package org.vmlog.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.guest.Records.entry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.record.Channel;
import org.vmlog.testing.Seed;

/**
 * Random offers, takes and answers, with more records than there is room for: each is sent once and
 * in order, or counted as dropped. With a file also across processes that end at any moment.
 */
class RecordBufferModelTest {
  private static final int STEPS = 6000;
  private static final Pattern DROPPED = Pattern.compile("(\\d+) ([a-z]+)");
  private static final List<String> SEVERITIES =
      List.of("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug");

  @TempDir Path folder;

  private final Random random = Seed.random("RecordBufferModelTest");
  private final Map<String, Integer> offered = new HashMap<>();
  private final Map<String, Integer> settled = new HashMap<>();
  private final Map<Channel, Long> lastSent = new HashMap<>();
  private final Deque<Batch> underWay = new ArrayDeque<>();
  private long next;
  private RecordBuffer buffer;

  @Test
  void heap_underAnyLoad_losesOnlyWhatItCounts() {
    buffer = Records.buffer(40);
    for (int i = 0; i < STEPS; i++) {
      step();
    }
    settleAll();
    assertThat(settled).isEqualTo(offered);
    assertThat(buffer.isEmpty()).isTrue();
  }

  @Test
  void file_underAnyLoad_losesOnlyWhatItCounts() throws IOException {
    Path path = folder.resolve("buffer");
    for (int process = 0; process < 30; process++) {
      try (FileSegments file = FileSegments.open(path, 1 << 20)) {
        open(file);
        for (int i = 0; i < STEPS / 20; i++) {
          step();
        }
        settleDropsOnly();
      }
    }
    try (FileSegments file = FileSegments.open(path, 1 << 20)) {
      open(file);
      settleAll();
      assertThat(settled).isEqualTo(offered);
    }
    try (FileSegments file = FileSegments.open(path, 1 << 20)) {
      assertThat(file.recover()).isEmpty();
    }
  }

  private void open(FileSegments file) throws IOException {
    buffer = Records.buffer(file);
    assertThat(buffer.restore(file.recover(), true)).isTrue();
    underWay.clear();
    lastSent.clear();
  }

  private void step() {
    switch (random.nextInt(10)) {
      case 0, 1 -> send();
      case 2 -> answer();
      default -> offer();
    }
  }

  private void offer() {
    int severity = random.nextInt(8);
    Channel channel = random.nextBoolean() ? Channel.USER : Channel.KERNEL;
    int length = random.nextInt(50) == 0 ? random.nextInt(20_000) : random.nextInt(600);
    buffer.offer(channel, entry(severity, next + " " + "x".repeat(length)));
    count(offered, SEVERITIES.get(severity), 1);
    next++;
  }

  private void send() {
    Batch batch = buffer.takeOldest(1 + random.nextInt(20_000));
    if (batch != null) {
      buffer.number(batch);
      underWay.add(batch);
    }
  }

  private void answer() {
    Batch batch = underWay.poll();
    if (batch == null) {
      return;
    }
    if (batch.records() > 1 && random.nextBoolean()) {
      underWay.addFirst(batch);
      batch = batch.takeFirst(1 + random.nextInt(batch.records() - 1));
    }
    settle(batch);
  }

  private void settle(Batch batch) {
    for (String text : Records.texts(batch)) {
      if (!settleDrops(text)) {
        List<String> words = List.of(text.split(" "));
        count(settled, SEVERITIES.get(Integer.parseInt(words.get(0))), 1);
        Long before = lastSent.put(batch.channel(), Long.parseLong(words.get(1)));
        assertThat(lastSent.get(batch.channel())).isGreaterThan(before == null ? -1 : before);
      }
    }
    buffer.finish(batch);
  }

  private boolean settleDrops(String text) {
    if (!text.contains("dropped")) {
      return false;
    }
    Matcher matcher = DROPPED.matcher(text.substring(text.lastIndexOf(':')));
    while (matcher.find()) {
      count(settled, matcher.group(2), Integer.parseInt(matcher.group(1)));
    }
    return true;
  }

  /** What was dropped and is not with the host yet is forgotten with the process. */
  private void settleDropsOnly() {
    List<Batch> left = new ArrayList<>(underWay);
    for (Batch b = buffer.takeOldest(9000); b != null; b = buffer.takeOldest(9000)) {
      left.add(b);
    }
    left.forEach(batch -> settleDrops(Records.texts(batch).get(0)));
  }

  private void settleAll() {
    while (!underWay.isEmpty()) {
      settle(underWay.poll());
    }
    for (Batch b = buffer.takeOldest(9000); b != null; b = buffer.takeOldest(9000)) {
      settle(b);
    }
  }

  private static void count(Map<String, Integer> counts, String what, int by) {
    counts.merge(what, by, Integer::sum);
  }
}
