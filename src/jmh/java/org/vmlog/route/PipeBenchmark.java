package org.vmlog.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.vmlog.platform.LoopShift;
import org.vmlog.sink.DiskQuota;
import org.vmlog.logs.Layout;
import org.vmlog.sink.LogCompressor;
import org.vmlog.sink.LogDirectory;
import org.vmlog.logs.LogFileName;
import org.vmlog.sink.QuotaPolicy;
import org.vmlog.sink.RotationPolicy;
import org.vmlog.sink.SyncMode;
import org.vmlog.sink.VmLogFile;

/**
 * What pipe and file add to the system call that they exist for, where an event loop's thread
 * drains what it has taken, and what it costs to have writers do it. An operation is a request's
 * lines on their way into one of {@value #VMS} files, each with one request under way; the raw
 * write(2) is done by the thread itself.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PipeBenchmark {
  private static final int VMS = 8;
  private static final int INFO = 6;
  private static final String LINE =
      "<14>Jan  1 00:00:00 vm0 systemd[1]: Started session-4711.scope - Session 4711 of User"
          + " chronos, seat0, tty7, 0x7f3a9c02, all is wel\n";

  @Param({"1", "40"})
  public int lines;

  private final Semaphore acks = new Semaphore(0);
  private final Ack ack =
      new Ack() {
        @Override
        public void written() {
          acks.release();
        }

        @Override
        public void failed(IOException cause) {
          throw new IllegalStateException(cause);
        }
      };
  private final List<LogPipe> pipes = new ArrayList<>();
  private final List<FileChannel> files = new ArrayList<>();
  private LoopShift shift;
  private Pipes writers;
  private Path folder;
  private byte[] request;
  private SeverityCounts counts;
  private ByteBuffer direct;

  @Setup
  public void open() throws IOException {
    request = LINE.repeat(lines).getBytes(StandardCharsets.US_ASCII);
    direct = ByteBuffer.allocateDirect(request.length).put(request);
    counts = new SeverityCounts();
    for (int i = 0; i < lines; i++) {
      counts.add(INFO, LINE.length());
    }
    folder = Files.createTempDirectory("vmlog-jmh");
    writers = new Pipes();
    shift = new LoopShift(() -> {}, () -> {}, Thread::new, writers.writers::drainsOn);
    DiskQuota quota =
        DiskQuota.open(
            LogDirectory.open(folder, Layout.PLAIN, folder.resolve(".state")),
            new QuotaPolicy(1L << 40, 1L << 41, 0),
            5);
    RotationPolicy rotation = new RotationPolicy(1L << 40, Duration.ofDays(1), 5, false);
    for (int vm = 0; vm < VMS; vm++) {
      LogFileName name = new LogFileName(List.of("bench"), "vm" + vm);
      pipes.add(
          writers.pipe(
              new VmLogFile(
                  quota, name, rotation, SyncMode.NEVER, new LogCompressor(Runnable::run))));
      files.add(
          FileChannel.open(
              folder.resolve("raw" + vm), StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }
  }

  /** As an event loop does it: the round's appends, then its chores. */
  @Benchmark
  @OperationsPerInvocation(VMS)
  public void pipeAndFile() throws InterruptedException {
    if (!shift.isMine()) {
      shift.begin();
      shift.chores(); // makes itself known to this thread
    }
    append();
    shift.chores();
    acks.acquire(VMS);
  }

  /** As a thread does it that is no event loop's. */
  @Benchmark
  @OperationsPerInvocation(VMS)
  public void pipeAndFileByWriters() throws InterruptedException {
    append();
    acks.acquire(VMS);
  }

  private void append() {
    for (LogPipe pipe : pipes) {
      pipe.append(request, 0, request.length, counts, ack);
    }
  }

  @Benchmark
  @OperationsPerInvocation(VMS)
  public void rawWrite() throws IOException {
    for (FileChannel file : files) {
      file.write(direct.rewind());
    }
  }

  /** So that they stay in the page cache. */
  @TearDown(Level.Iteration)
  public void emptyFiles() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(folder.resolve(".state"))) {
          FileChannel.open(file, StandardOpenOption.WRITE).truncate(0).close();
        }
      }
    }
  }

  @TearDown
  public void close() throws IOException {
    List<CompletableFuture<Void>> closed = pipes.stream().map(LogPipe::close).toList();
    drains.end(); // this is the loop's thread
    closed.forEach(CompletableFuture::join);
    writers.close();
    for (FileChannel file : files) {
      file.close();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
