package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vmlog.platform.DatagramListener;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.TryLater;

class SyslogSinkTest extends DatagramSinkContract {
  SyslogSinkTest() {
    super("dev", "log");
  }

  @Override
  LineSink sink() {
    LineSink sink = new SyslogSink(temp.resolve("dev/log"));
    sinks.add(sink);
    return sink;
  }

  @Override
  String line() {
    return StandardCharsets.UTF_8.decode(buffer).toString();
  }

  @Test
  void write_receiverDoesNotRead_saysHowFarItCameAndWhenToTryAgain() throws IOException {
    LineSink sink = sink();
    List<String> lines = Lines.numbered(0, 5000, 100);

    WriteResult first = sink.write(Lines.of(lines));

    // However many the kernel queues (net.unix.max_dgram_qlen).
    assertThat(first).isInstanceOf(TryLater.class);
    assertThat(first.bytes()).isBetween(100L, 499_900L);
    assertThat(first.bytes() % 100).isZero();
    List<Duration> delays = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      WriteResult again = sink.write(Lines.rest(lines, first.bytes()));
      assertThat(again.bytes()).isZero();
      delays.add(((TryLater) again).delay());
    }
    assertThat(((TryLater) first).delay()).isEqualTo(Duration.ofMillis(5));
    assertThat(delays)
        .containsExactly(
            Duration.ofMillis(10),
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(20));
    assertThat(received()).isEqualTo(lines.subList(0, (int) first.bytes() / 100));
  }

  @Test
  void write_nobodyThere_waitsLongerEachTimeUpToASecond() throws IOException {
    receiver.close();
    LineSink sink = sink();
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      WriteResult result = sink.write(Lines.buffers("one\n"));
      assertThat(result.bytes()).isZero();
      millis.add(((TryLater) result).delay().toMillis());
    }
    assertThat(millis).containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 320L, 640L, 1000L, 1000L);

    startReceiver();
    assertThat(sink.write(Lines.buffers("one\n"))).isEqualTo(new Complete(4));
    receiver.close();
    assertThat(((TryLater) sink.write(Lines.buffers("two\n"))).delay())
        .isEqualTo(Duration.ofMillis(5));
  }

  @Test
  void write_emptyLines_areCountedAndNotSent() throws IOException {
    assertThat(sink().write(Lines.buffers("\n\none\n\n"))).isEqualTo(new Complete(7));
    assertThat(received()).containsExactly("one");
  }

  @Test
  void write_lineOfTheLargestSize_isWhole() throws IOException {
    String line = "x".repeat(SyslogSink.MAX_DATAGRAM_BYTES);

    assertThat(sink().write(Lines.buffers(line + "\n"))).isEqualTo(new Complete(65_537));
    assertThat(received()).containsExactly(line);
  }

  @Test
  void write_lineTooLarge_isCutWithAMarkerAndCountsAsSent() throws IOException {
    String line = "x".repeat(SyslogSink.MAX_DATAGRAM_BYTES + 1);

    assertThat(sink().write(Lines.buffers(line + "\nnext\n"))).isEqualTo(new Complete(65_543));
    assertThat(received()).containsExactly("x".repeat(65_530) + " [cut]", "next");
  }

  @Test
  void write_lineOf4MiBInManyBuffers_isCutToo() throws IOException {
    String[] parts = new String[65];
    Arrays.fill(parts, "y".repeat(64 * 1024));
    parts[64] = "end\n";

    assertThat(sink().write(Lines.buffers(parts))).isEqualTo(new Complete(64 * 65_536 + 4));
    assertThat(received()).containsExactly("y".repeat(65_530) + " [cut]");
  }

  @Test
  void write_cutInsideACharacter_dropsItWhole() throws IOException {
    for (String character : List.of("é", "日", "😀")) {
      int width = character.getBytes(StandardCharsets.UTF_8).length;
      for (int before = 0; before < width; before++) {
        received.clear();
        String line = "a".repeat(before) + character.repeat(65_536 / width + 1);
        sink().write(Lines.buffers(line + "\n"));

        int whole = (65_530 - before) / width;
        assertThat(received())
            .containsExactly("a".repeat(before) + character.repeat(whole) + " [cut]");
      }
    }
  }

  @Test
  void reopen_socketReplaced_sendsToTheNewOne() throws IOException {
    LineSink sink = sink();
    sink.write(Lines.buffers("one\n"));
    DatagramListener old = receiver;
    assertThat(received()).containsExactly("one");
    Files.delete(old.path()); // as a syslogd that starts does
    startReceiver();
    sink.reopen();

    assertThat(sink.write(Lines.buffers("two\n"))).isEqualTo(new Complete(4));
    assertThat(received()).containsExactly("one", "two");
    old.close();
  }

  @Test
  void device_twoSinks_hangApart() {
    assertThat(sink().device()).isNotEqualTo(sink().device());
  }
}
