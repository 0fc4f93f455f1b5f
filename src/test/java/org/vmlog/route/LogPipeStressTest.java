package org.vmlog.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;
import org.vmlog.testing.Await;
import org.vmlog.testing.FlakySink;
import org.vmlog.testing.Seed;

/** Many threads, a small pipe and a sink that fails as it likes, held against what acks promise. */
class LogPipeStressTest {
  private static final int THREADS = 4;
  private static final int APPENDS = 1500;
  private static final Pattern DROPPED = Pattern.compile(".* forwarder: (\\d+) (.*)");

  /** Lines {@code thread:number:0} to {@code thread:number:lines-1}. */
  private record Appended(int thread, int number, int lines, RecordingAck ack) {
    List<String> text() {
      List<String> text = new ArrayList<>();
      for (int i = 0; i < lines; i++) {
        text.add(thread + ":" + number + ":" + i);
      }
      return text;
    }
  }

  private final AtomicLong dropped =
      new AtomicLong(); // of which the sender was told OK, or nothing
  private volatile boolean reliable;

  @RepeatedTest(3)
  void everyAck_sinkFailsAtRandom_isTrue() throws InterruptedException {
    Random random = Seed.random("LogPipeStressTest");
    Random sinkRandom = new Random(random.nextLong());
    FlakySink sink = FlakySink.asking(() -> outcome(sinkRandom));
    try (Pipes pipes = new Pipes(new PipeMemory(3L * PipeMemory.SEGMENT_BYTES))) {
      LogPipe pipe = pipes.pipe(sink, 40_000);
      List<Appended> appended = Collections.synchronizedList(new ArrayList<>());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        Random own = new Random(random.nextLong());
        threads.add(new Thread(() -> appendAll(pipe, thread, own, appended)));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join(60_000);
        assertThat(thread.isAlive()).isFalse();
      }
      reliable = true;
      Await.value(pipe.close());
      check(sink.target().lines(), appended);
      assertThat(pipes.memory.sharedBytes()).isZero();
    }
  }

  private FlakySink.Outcome outcome(Random random) {
    int kind = reliable ? 0 : random.nextInt(10);
    int lines = random.nextInt(40);
    return kind < 6
        ? FlakySink.all()
        : kind < 8 ? FlakySink.failAfter(lines) : FlakySink.pauseAfter(lines);
  }

  private void appendAll(LogPipe pipe, int thread, Random random, List<Appended> appended) {
    for (int number = 0; number < APPENDS; number++) {
      RecordingAck ack = random.nextInt(4) == 0 ? null : new RecordingAck();
      Appended one = new Appended(thread, number, 1 + random.nextInt(30), ack);
      byte[] bytes = (String.join("\n", one.text()) + "\n").getBytes(UTF_8);
      appended.add(one);
      while (pipe.append(bytes, 0, bytes.length, Pipes.records(one.lines), ack) == Offer.FULL) {
        CountDownLatch room = new CountDownLatch(1);
        pipe.whenRoom(bytes.length, one.lines, room::countDown);
        Await.down(room);
      }
      if (random.nextInt(20) == 0) {
        drop(pipe, 1 + random.nextInt(5), random.nextBoolean());
      }
      if (ack != null && random.nextInt(10) == 0) {
        boolean unused = ack.await();
      }
    }
  }

  private void drop(LogPipe pipe, int count, boolean told) {
    if (!told) {
      dropped.addAndGet(count);
      pipe.drop(DropReason.PIPE_FULL, count, null);
      return;
    }
    RecordingAck ack = new RecordingAck(() -> dropped.addAndGet(count));
    pipe.drop(DropReason.PIPE_FULL, count, ack);
  }

  private void check(List<String> lines, List<Appended> appended) {
    Map<String, Integer> position = new HashMap<>();
    Map<String, Long> said = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher drop = DROPPED.matcher(lines.get(i));
      if (drop.matches()) {
        said.merge(drop.group(2), Long.parseLong(drop.group(1)), Long::sum);
      } else {
        assertThat(position.put(lines.get(i), i)).as("twice: " + lines.get(i)).isNull();
      }
    }
    long lost = 0;
    int[] last = new int[THREADS];
    for (Appended one : appended) {
      int written = 0;
      int from = last[one.thread];
      for (String line : one.text()) {
        Integer at = position.remove(line);
        if (at == null) {
          break;
        }
        assertThat(at).as("out of order: " + line).isGreaterThanOrEqualTo(from);
        from = at + 1;
        written++;
      }
      last[one.thread] = from;
      RecordingAck ack = one.ack;
      if (ack == null) {
        lost += one.lines - written;
      } else {
        assertThat(ack.calls()).isEqualTo(1);
        assertThat(ack.await()).as("%s, %d written", one, written).isEqualTo(written == one.lines);
      }
    }
    assertThat(position).as("lines that nobody appended, or without those before them").isEmpty();
    assertThat(said.getOrDefault("records dropped (write error)", 0L)).isEqualTo(lost);
    assertThat(said.getOrDefault("records dropped (pipe full)", 0L)).isEqualTo(dropped.get());
  }
}
