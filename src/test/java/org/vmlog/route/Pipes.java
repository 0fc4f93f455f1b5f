package org.vmlog.route;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.record.SourceLabel;
import org.vmlog.sink.LineSink;

/** Real writers, memory and pipes, ended together. Thread-safe. */
final class Pipes implements AutoCloseable {
  static final LineStyle STYLE =
      new LineStyle(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneOffset.UTC, 2);
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  /** How every drop line begins. */
  static final String DROP_HEAD = "<44>Mar  1 12:00:00 web forwarder: ";

  final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, Pipes::daemon);
  final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
  final PipeWriters writers = new PipeWriters(this::thread, timer);
  final PipeMemory memory;

  /** What all pipes count in. */
  final SourceStatistics statistics = new SourceStatistics(InstantSource.fixed(NOW));

  Pipes() {
    this(new PipeMemory(16 << 20));
  }

  Pipes(PipeMemory memory) {
    this.memory = memory;
  }

  /** One that is among the {@link #aliveThreads}, once it is started. */
  Thread thread(Runnable task) {
    Thread thread = daemon(task);
    threads.add(thread);
    return thread;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    return thread;
  }

  LogPipe pipe(LineSink sink) {
    return pipe(sink, 1 << 20);
  }

  LogPipe pipe(LineSink sink, int maxBytes) {
    return pipe(sink, maxBytes, writers);
  }

  LogPipe pipe(LineSink sink, DrainScheduler scheduler) {
    return pipe(sink, 1 << 20, scheduler);
  }

  private LogPipe pipe(LineSink sink, int maxBytes, DrainScheduler scheduler) {
    OwnLines ownLines =
        new OwnLines(STYLE, SourceLabel.vm("alice", "web", 7), InstantSource.fixed(NOW));
    return new LogPipe("test", sink, maxBytes, memory, scheduler, ownLines, statistics, null);
  }

  /** So many records of severity INFO, of ten bytes each. */
  static SeverityCounts records(int count) {
    SeverityCounts counts = new SeverityCounts();
    for (int i = 0; i < count; i++) {
      counts.add(6, 10);
    }
    return counts;
  }

  List<Thread> aliveThreads() {
    return threads.stream().filter(Thread::isAlive).toList();
  }

  /** Runs a task after a while on the timer. */
  void later(Runnable task, Duration delay) {
    writers.later(task, delay);
  }

  @Override
  public void close() {
    writers.close();
    timer.shutdownNow();
  }
}
