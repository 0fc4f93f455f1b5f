package org.vmlog.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SourceLabel;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.WriteResult;

/** What a pipe does when its file cannot be written, and when it is to be forced to the disk. */
@Timeout(60)
class LogPipeFailureTest {
  private static final String SAID =
      "<44>Jan  1 00:00:00 web forwarder: %d requests refused (log could not be written)\n";

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final PipeWriters writers = new PipeWriters(Thread::new, timer);
  private final Disk disk = new Disk();
  private final LogPipe pipe =
      new LogPipe(
          "web",
          disk,
          1 << 16,
          new PipeMemory(1 << 20),
          writers,
          new OwnLines(
              new LineStyle(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneOffset.UTC, 0),
              SourceLabel.vm("alice", "web", 3),
              InstantSource.fixed(java.time.Instant.EPOCH)),
          new SourceStatistics(InstantSource.system()),
          null);

  @AfterEach
  void end() {
    writers.close();
    timer.shutdownNow();
  }

  /** Refused requests are counted, and a line says how many when the file can be written again. */
  @Test
  void append_whileTheFileCannotBeWritten_isRefusedAndSaidAfterwards() throws Exception {
    disk.full = true;
    assertThat(append("a\n").get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(append("b\n").get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(disk.text()).isEmpty();
    disk.full = false;
    assertThat(append("c\n").get(30, TimeUnit.SECONDS)).isTrue();

    await(() -> disk.text().length() > 2);
    // The line is tried with the next write and each second.
    assertThat(disk.text()).isIn("c\n" + SAID.formatted(2), SAID.formatted(2) + "c\n");
  }

  /** A large request is many appends, and they may come to more than one write. */
  @Test
  void append_ofARequestThatWasRefused_countsItOnce() throws Exception {
    disk.full = true;
    CompletableFuture<Void> second = new CompletableFuture<>();
    Ack request =
        new Ack() {
          private volatile boolean failed;

          @Override
          public void written() {}

          @Override
          public void failed(IOException cause) {
            if (failed) {
              second.complete(null);
            }
            failed = true;
          }

          @Override
          public boolean hasFailed() {
            return failed;
          }
        };
    byte[] line = "a\n".getBytes(StandardCharsets.UTF_8);
    assertThat(pipe.append(line, 0, line.length, Pipes.records(1), request)).isEqualTo(Offer.TAKEN);
    await(request::hasFailed);
    assertThat(pipe.append(line, 0, line.length, Pipes.records(1), request)).isEqualTo(Offer.TAKEN);
    second.get(30, TimeUnit.SECONDS);
    disk.full = false;

    await(() -> !disk.text().isEmpty());
    assertThat(disk.text()).isEqualTo(SAID.formatted(1));
  }

  /** Without another request, too, the line stands soon after there is room. */
  @Test
  void refused_nothingComesAfter_isSaidAllTheSame() throws Exception {
    disk.full = true;
    assertThat(append("a\n").get(30, TimeUnit.SECONDS)).isFalse();
    disk.full = false;

    await(() -> !disk.text().isEmpty());
    assertThat(disk.text()).isEqualTo(SAID.formatted(1));
  }

  /** sync = "interval": lines are forced to the disk a while after a write, once for many. */
  @Test
  void sync_due_isDoneLaterOnceForAllWrites() throws Exception {
    disk.syncDue = Duration.ofMillis(50);
    for (int i = 0; i < 10; i++) {
      assertThat(append("a\n").get(30, TimeUnit.SECONDS)).isTrue();
    }
    await(() -> disk.syncs > 0);
    assertThat(disk.syncs).isLessThanOrEqualTo(10);
    int syncs = disk.syncs;
    disk.syncDue = Duration.ofMillis(1);
    assertThat(append("b\n").get(30, TimeUnit.SECONDS)).isTrue();
    await(() -> disk.syncs > syncs);
  }

  @Test
  void close_syncPlanned_doesNotWaitForIt() throws Exception {
    disk.syncDue = Duration.ofHours(1);
    assertThat(append("a\n").get(30, TimeUnit.SECONDS)).isTrue();
    pipe.close().get(30, TimeUnit.SECONDS);
    assertThat(disk.text()).isEqualTo("a\n");
  }

  private CompletableFuture<Boolean> append(String line) {
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    byte[] bytes = line.getBytes(StandardCharsets.US_ASCII);
    Ack ack =
        new Ack() {
          @Override
          public void written() {
            told.complete(true);
          }

          @Override
          public void failed(IOException cause) {
            told.complete(false);
          }
        };
    assertThat(pipe.append(bytes, 0, bytes.length, Pipes.records(1), ack)).isEqualTo(Offer.TAKEN);
    return told;
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("within 30 s").isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  /** Keeps what is written, unless it is full. */
  private static final class Disk implements LineSink {
    volatile boolean full;
    volatile @Nullable Duration syncDue;
    volatile int syncs;
    private final StringBuffer text = new StringBuffer();

    String text() {
      return text.toString();
    }

    @Override
    public WriteResult write(ByteBuffer[] lines) {
      if (full) {
        return new WriteResult.Failed(0, new IOException("full"));
      }
      int bytes = 0;
      for (ByteBuffer part : lines) {
        bytes += part.remaining();
        text.append(StandardCharsets.US_ASCII.decode(part));
      }
      return new WriteResult.Complete(bytes);
    }

    @Override
    public @Nullable Duration syncDue() {
      return syncDue;
    }

    @Override
    public void sync() {
      syncs++;
    }

    @Override
    public void reopen() {}

    @Override
    public Object device() {
      return this;
    }

    @Override
    public void close() {}
  }
}
