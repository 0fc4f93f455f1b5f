package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.sink.WriteResult.TryLater;

/** What every {@link LineSink} holds to. Run by a subclass for each sink there is. */
@Timeout(60)
abstract class LineSinkContract {

  /** A sink whose receiver works. */
  abstract LineSink sink() throws Exception;

  /** Every line that the receiver has so far, in order. */
  abstract List<String> received() throws Exception;

  /** From now on the receiver takes nothing. */
  abstract void breakReceiver() throws Exception;

  /** The receiver works again; what it had is kept. */
  abstract void mendReceiver() throws Exception;

  @Test
  void write_oneLine_isReceived() throws Exception {
    assertThat(sink().write(Lines.buffers("hello\n"))).isEqualTo(new Complete(6));
    assertThat(received()).containsExactly("hello");
  }

  @Test
  void write_nothing_isComplete() throws Exception {
    assertThat(sink().write(new ByteBuffer[0])).isEqualTo(new Complete(0));
    assertThat(sink().write(Lines.buffers("", ""))).isEqualTo(new Complete(0));
    assertThat(received()).isEmpty();
  }

  @Test
  void write_linesAcrossBuffers_areReceivedWhole() throws Exception {
    WriteResult result =
        sink().write(Lines.buffers("one\ntw", "o\n", "", "thr", "e", "e\nfour\n", "", "five\n"));

    assertThat(result).isEqualTo(new Complete(24));
    assertThat(received()).containsExactly("one", "two", "three", "four", "five");
  }

  @Test
  void write_heapBufferAndReadOnlyBuffer_areReceived() throws Exception {
    ByteBuffer heap = ByteBuffer.wrap("heap\n".getBytes(StandardCharsets.UTF_8));
    ByteBuffer readOnly =
        ByteBuffer.wrap("only read\n".getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();

    assertThat(sink().write(new ByteBuffer[] {heap, readOnly})).isEqualTo(new Complete(15));
    assertThat(received()).containsExactly("heap", "only read");
  }

  @Test
  void write_manyTimes_keepsOrder() throws Exception {
    LineSink sink = sink();
    List<String> lines = Lines.numbered(0, 500, 80);
    for (String line : lines) {
      offer(sink, List.of(line));
    }
    assertThat(received()).containsExactlyElementsOf(lines);
  }

  @Test
  void write_moreBuffersThanOneSystemCallTakes_areReceived() throws Exception {
    List<String> lines = Lines.numbered(0, 3000, 20);
    String[] parts = lines.stream().map(line -> line + "\n").toArray(String[]::new);
    LineSink sink = sink();

    WriteResult result = sink.write(Lines.buffers(parts));
    if (result.bytes() < 60_000) {
      offer(sink, lines.subList((int) result.bytes() / 20, lines.size()));
    }

    assertThat(received()).containsExactlyElementsOf(lines);
  }

  @Test
  void write_randomCuts_areReceivedOnceAndInOrder() throws Exception {
    long seed = Long.getLong("vmlog.seed", System.nanoTime());
    System.out.println(getClass().getSimpleName() + ": -Dvmlog.seed=" + seed);
    Random random = new Random(seed);
    LineSink sink = sink();
    List<String> expected = new ArrayList<>();
    for (int round = 0; round < 100; round++) {
      List<String> lines = new ArrayList<>();
      for (int i = random.nextInt(1, 20); i > 0; i--) {
        lines.add("é" + round + "." + i + "x".repeat(random.nextInt(200)));
      }
      offer(sink, lines, random);
      expected.addAll(lines);
    }
    assertThat(received()).containsExactlyElementsOf(expected);
  }

  @Test
  void reopen_betweenWrites_losesNothing() throws Exception {
    LineSink sink = sink();
    sink.reopen();
    offer(sink, List.of("one"));
    sink.reopen();
    sink.reopen();
    offer(sink, List.of("two"));

    assertThat(received()).containsExactly("one", "two");
  }

  @Test
  void write_brokenReceiver_writesNothingAndRecovers() throws Exception {
    LineSink sink = sink();
    offer(sink, List.of("one"));
    breakReceiver();

    WriteResult result = sink.write(Lines.of(List.of("two", "three")));
    assertThat(result).isNotInstanceOf(Complete.class);
    assertThat(result.bytes()).isZero();
    mendReceiver();
    offer(sink, List.of("two", "three"));

    assertThat(received()).containsExactly("one", "two", "three");
  }

  @Test
  void device_always_isTheSame() throws Exception {
    LineSink sink = sink();
    Object device = sink.device();
    sink.write(Lines.buffers("x\n"));

    assertThat(sink.device()).isEqualTo(device).isNotNull();
  }

  @Test
  void isReady_beforeTheFirstWriteOrAfterClose_isFalse() throws Exception {
    LineSink sink = sink();
    assertThat(sink.isReady(1)).isFalse();
    sink.write(Lines.buffers("x\n"));
    sink.close();

    assertThat(sink.isReady(1)).isFalse();
    assertThat(received()).containsExactly("x");
  }

  @Test
  void isReady_brokenReceiver_isFalse() throws Exception {
    LineSink sink = sink();
    offer(sink, List.of("one"));
    breakReceiver();

    assertThat(sink.isReady(4)).isFalse();
  }

  @Test
  void isReady_whenItIs_theWriteIsComplete() throws Exception {
    LineSink sink = sink();
    List<String> lines = Lines.numbered(0, 200, 80);
    for (String line : lines) {
      if (sink.isReady(80)) {
        assertThat(sink.write(Lines.of(List.of(line)))).isEqualTo(new Complete(80));
      } else {
        offer(sink, List.of(line));
      }
    }
    assertThat(received()).containsExactlyElementsOf(lines);
  }

  @Test
  void close_twiceOrUnused_doesNotThrow() throws Exception {
    LineSink unused = sink();
    unused.close();
    unused.close();
    LineSink used = sink();
    used.write(Lines.buffers("x\n"));
    used.close();
    used.close();
  }

  /** Offers lines until they are taken, as a pipe does. */
  final void offer(LineSink sink, List<String> lines) {
    offer(sink, lines, new Random(1));
  }

  private void offer(LineSink sink, List<String> lines, Random random) {
    long bytes = Lines.rest(lines, 0)[0].remaining();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    long written = 0;
    while (written < bytes) {
      WriteResult result = sink.write(cut(Lines.rest(lines, written)[0], random));
      assertThat(result).isNotInstanceOf(WriteResult.Failed.class);
      written += result.bytes();
      assertThat(System.nanoTime()).as("taken within 30 s").isLessThan(deadline);
      if (result instanceof TryLater later) {
        assertThat(later.delay()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
        relieve();
        LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
      }
    }
    assertThat(written).isEqualTo(bytes);
  }

  /** Lets a receiver without a thread of its own take what waits for it. */
  void relieve() {}

  private static ByteBuffer[] cut(ByteBuffer lines, Random random) {
    List<ByteBuffer> parts = new ArrayList<>();
    while (lines.hasRemaining()) {
      int length = 1 + random.nextInt(lines.remaining());
      parts.add(lines.slice(lines.position(), length));
      lines.position(lines.position() + length);
    }
    return parts.toArray(ByteBuffer[]::new);
  }
}
