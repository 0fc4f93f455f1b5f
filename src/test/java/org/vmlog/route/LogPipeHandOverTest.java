package org.vmlog.route;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SourceLabel;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;

/**
 * The hand-over between senders and writers, with real threads whose timing is disturbed by chance.
 *
 * <p>Senders wait for each ack, so that the pipe is given back and handed over again all the time:
 * a wake-up lost there is an ack that never comes. They wait without sleeping, for the moments that
 * matter are a few instructions long, right after an ack. One sender alone finds what the next
 * append of another would heal.
 */
@Timeout(60)
class LogPipeHandOverTest {
  private static final int APPENDS = 4_000;

  /** Fills the pipe, so that the append after it is refused until a writer has been there. */
  private static final byte[] FILLER = "xxxxxxxxxxx\n".getBytes(US_ASCII);

  private static final long PATIENCE_SECONDS = 20;
  private static final long YIELD_AFTER_NANOS = 20_000;

  private final long seed = Long.getLong("vmlog.seed", System.nanoTime());
  private final ExecutorService senders = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final PipeWriters writers = new PipeWriters(Thread::new, timer);
  private final DisturbedSink sink = new DisturbedSink(new Random(seed));
  private final PipeMemory memory = new PipeMemory(1 << 20);
  private final LogPipe pipe =
      new LogPipe(
          "a",
          sink,
          FILLER.length,
          memory,
          writers,
          new OwnLines(
              new LineStyle(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneOffset.UTC, 0),
              SourceLabel.anonymous(0),
              InstantSource.system()),
          new SourceStatistics(InstantSource.system()),
          null);

  @AfterEach
  void close() {
    senders.shutdownNow();
    writers.close();
    timer.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void append_whileThePipeIsGivenBack_isWrittenInOrderAndAckedOnce(int count) throws Exception {
    System.out.println("LogPipeHandOverTest: -Dvmlog.seed=" + seed);
    List<Future<Integer>> wrongAcks = new ArrayList<>();
    Map<String, Integer> allLast = new HashMap<>();
    for (int i = 0; i < count; i++) {
      wrongAcks.add(senders.submit(new Sender(i, APPENDS / count)));
      allLast.put(Integer.toString(i), APPENDS / count - 1);
    }
    for (Future<Integer> wrong : wrongAcks) {
      assertThat(wrong.get()).isZero();
    }
    pipe.close().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    assertThat(sink.mistakes).isEmpty();
    assertThat(sink.last).isEqualTo(allLast);
    assertThat(memory.sharedBytes()).isZero();
    assertThat(pipe.append(FILLER, 0, FILLER.length, Pipes.records(1), null))
        .isEqualTo(Offer.CLOSED);
  }

  /** Appends numbered lines, each again until it is written; answers how many acks were wrong. */
  private final class Sender implements Callable<Integer> {
    private final int name;
    private final int appends;
    private final Random random;
    private final List<OneAck> acks = new ArrayList<>();

    Sender(int name, int appends) {
      this.name = name;
      this.appends = appends;
      this.random = new Random(seed + 1 + name);
    }

    @Override
    public Integer call() {
      for (int number = 0; number < appends; number++) {
        byte[] line = "%d %d\n".formatted(name, number).getBytes(US_ASCII);
        while (!append(line)) {
          disturb(random);
        }
        disturb(random);
        meddle();
      }
      return (int) acks.stream().filter(ack -> ack.calls.get() != 1).count();
    }

    private void meddle() {
      switch (random.nextInt(1_000)) {
        case 0 -> pipe.reopen();
        case 1 -> {
          OneAck said = newAck();
          assertThat(pipe.drop(DropReason.RATE_LIMIT, 1, said)).isTrue();
          await("drop line", () -> said.calls.get() > 0);
        }
        default -> {
          if (random.nextInt(4) == 0) {
            var unused = pipe.append(FILLER, 0, FILLER.length, Pipes.records(1), null);
          }
        }
      }
    }

    /** False when it was taken and then failed. */
    private boolean append(byte[] line) {
      OneAck ack = newAck();
      while (pipe.append(line, 0, line.length, Pipes.records(1), ack) == Offer.FULL) {
        AtomicInteger room = new AtomicInteger();
        pipe.whenRoom(line.length, 1, room::incrementAndGet);
        await("room", () -> room.get() > 0);
      }
      await("ack", () -> ack.calls.get() > 0);
      return ack.written;
    }

    private OneAck newAck() {
      OneAck ack = new OneAck();
      acks.add(ack);
      return ack;
    }
  }

  /** Waits without sleeping. */
  private static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      long waited = System.nanoTime() - start;
      if (waited > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
        throw new AssertionError("no " + what + " within " + PATIENCE_SECONDS + " s");
      }
      if (waited > YIELD_AFTER_NANOS) {
        Thread.yield();
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static final class OneAck implements Ack {
    final AtomicInteger calls = new AtomicInteger();
    volatile boolean written;

    @Override
    public void written() {
      written = true;
      calls.incrementAndGet();
    }

    @Override
    public void failed(IOException cause) {
      calls.incrementAndGet();
    }
  }

  /**
   * Takes its time, and now and then only a part. Its fields are guarded by nothing: that one
   * writer at a time calls it, and sees what the one before did, is what is tested.
   */
  private static final class DisturbedSink implements LineSink {
    final Map<String, Integer> last = new HashMap<>();
    final List<String> mistakes = new ArrayList<>();
    private final Random random;
    private final AtomicInteger inside = new AtomicInteger();

    DisturbedSink(Random random) {
      this.random = random;
    }

    @Override
    public WriteResult write(ByteBuffer[] lines) {
      if (inside.incrementAndGet() != 1) {
        mistakes.add("two writers");
      }
      try {
        disturb(random);
        List<String> offered = lines(lines);
        boolean whole = random.nextInt(8) != 0;
        int taken = whole ? offered.size() : random.nextInt(offered.size() + 1);
        long bytes = 0;
        for (String line : offered.subList(0, taken)) {
          note(line);
          bytes += line.length() + 1;
        }
        disturb(random);
        if (whole) {
          return new WriteResult.Complete(bytes);
        }
        return random.nextBoolean()
            ? new WriteResult.TryLater(bytes, Duration.ofNanos(random.nextInt(200_000)))
            : new WriteResult.Failed(bytes, new IOException("as the test wants it"));
      } finally {
        inside.decrementAndGet();
      }
    }

    private static List<String> lines(ByteBuffer[] buffers) {
      StringBuilder text = new StringBuilder();
      for (ByteBuffer buffer : buffers) {
        text.append(US_ASCII.decode(buffer));
      }
      return text.toString().lines().toList();
    }

    private void note(String line) {
      if (line.startsWith("<") || line.startsWith("x")) {
        return; // a drop line or a filler
      }
      String[] words = line.split(" ");
      int number = Integer.parseInt(words[1]);
      int before = last.getOrDefault(words[0], -1);
      if (number != before + 1) {
        mistakes.add(line + " after " + before);
      }
      last.put(words[0], number);
    }

    @Override
    public void reopen() {
      if (inside.get() != 0) {
        mistakes.add("reopened during a write");
      }
    }

    @Override
    public Object device() {
      return this;
    }

    @Override
    public void close() {
      if (inside.get() != 0) {
        mistakes.add("closed during a write");
      }
    }
  }

  /** Nothing, another thread's turn, or a moment. */
  private static void disturb(Random random) {
    int chance = random.nextInt(32);
    if (chance == 0) {
      Thread.yield();
    } else if (chance < 16) {
      for (int i = random.nextInt(1 << chance / 2); i > 0; i--) {
        Thread.onSpinWait();
      }
    }
  }
}
