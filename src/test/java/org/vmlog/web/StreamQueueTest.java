package org.vmlog.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.logs.LogName;
import org.vmlog.record.LineParser;
import org.vmlog.record.YearRecovery;
import org.vmlog.view.LogLine;

class StreamQueueTest {
  private final StreamQueue queue = new StreamQueue();

  @Test
  void offer_moreThanThereIsRoomFor_isCountedWhereItWouldStand() throws InterruptedException {
    int most = StreamQueue.MAX_ITEMS;
    for (int i = 0; i < most + 7; i++) {
      queue.offer(line("line " + i));
    }
    List<StreamItem> first = takeAll(most);
    queue.offer(line("next"));

    assertThat(first).hasSize(most);
    assertThat(first.get(most - 1)).hasToString(line("line " + (most - 1)).toString());
    assertThat(takeAll(10).get(0)).isEqualTo(new StreamItem.LeftOut(7));
  }

  @Test
  void offer_linesThatAreLong_countByTheirBytes() throws InterruptedException {
    for (int i = 0; i < 140; i++) {
      queue.offer(line("x".repeat(1 << 16)));
    }
    queue.put(new StreamItem.Hello(true));

    assertThat(takeAll(200).subList(127, 129))
        .containsExactly(new StreamItem.LeftOut(13), new StreamItem.Hello(true));
  }

  @Test
  void putWaiting_nobodyTakes_givesUp() throws InterruptedException {
    for (int i = 0; i < StreamQueue.MAX_ITEMS; i++) {
      queue.offer(line("x"));
    }
    assertThat(queue.putWaiting(line("y"), Duration.ofMillis(20))).isFalse();
    takeAll(1);
    assertThat(queue.putWaiting(line("y"), Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void take_nothingComes_isEmpty() throws InterruptedException {
    assertThat(queue.take(10, Duration.ofMillis(1))).isEmpty();
  }

  private List<StreamItem> takeAll(int most) throws InterruptedException {
    return new ArrayList<>(queue.take(most, Duration.ofSeconds(30)));
  }

  private static StreamItem.Line line(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    LineParser parser = new LineParser(new YearRecovery(ZoneOffset.UTC, Instant.EPOCH));
    return StreamItem.Line.of(
        new LogLine(new LogName("alice", "web-1"), parser.parse(bytes, 0, bytes.length).copy()));
  }
}
