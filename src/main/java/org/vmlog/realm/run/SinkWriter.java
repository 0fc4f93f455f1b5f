package org.vmlog.realm.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusException;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.Retry;
import org.vmlog.platform.Threads;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.wire.SinkClient;

/**
 * Sends lines over a sink, and waits until they are written before it sends the next. When the sink
 * ends, as it does with whoever serves it, another is opened and what was not known to be written
 * is sent again: a line may be there twice, and none is missing. A batch that is refused is sent in
 * halves; a line that is refused by itself is given back.
 *
 * <p>Confined to one thread, but for what says otherwise.
 */
final class SinkWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkWriter.class);
  private static final LimitedLog REFUSED = LimitedLog.on(LOG);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** A refusal may also be for want of memory, by whoever is busy with others. */
  private static final int ATTEMPTS = 3;

  private final ComponentCommand.Sinks sinks;
  private final OutputQueue queue;
  private final Consumer<OutputLine> refused;
  private final List<OutputLine> unsent = new ArrayList<>();
  private final CountDownLatch tried = new CountDownLatch(1);
  private volatile @Nullable SinkClient client;
  private final Retry retry = new Retry(FIRST_PAUSE, LONGEST_PAUSE, new SplittableRandom());
  private boolean told;

  /**
   * Makes a writer that has sent nothing.
   *
   * @param refused gets the lines that are refused for good
   */
  SinkWriter(ComponentCommand.Sinks sinks, OutputQueue queue, Consumer<OutputLine> refused) {
    this.sinks = sinks;
    this.queue = queue;
    this.refused = refused;
  }

  /** Sends until the queue ends, however long that takes. */
  void sendAll() throws InterruptedException {
    try {
      for (List<OutputLine> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
        unsent.addAll(batch);
        send(batch);
      }
    } finally {
      tried.countDown();
    }
  }

  /** Returns when something could be sent, or could not; on any thread. */
  void awaitTried() throws InterruptedException {
    tried.await();
  }

  /** Whether somebody has taken the sink and is to answer; on any thread. */
  boolean isServed() {
    SinkClient open = client;
    return open != null && open.isServed();
  }

  /** What was taken from the queue and is not known to be written, after {@link #sendAll}. */
  List<OutputLine> unsent() {
    return unsent;
  }

  private void send(List<OutputLine> batch) throws InterruptedException {
    Deque<List<OutputLine>> parts = new ArrayDeque<>(List.of(List.copyOf(batch)));
    int attempts = 0;
    while (!parts.isEmpty()) {
      List<OutputLine> part = parts.getFirst();
      try {
        request(part).get();
        done(parts.removeFirst());
        attempts = 0;
      } catch (BusException | IOException e) {
        again(String.valueOf(e.getMessage()));
      } catch (ExecutionException e) {
        String reason = String.valueOf(Objects.requireNonNull(e.getCause()).getMessage());
        if (!(e.getCause() instanceof SinkClient.RefusedException)) {
          again(reason);
        } else if (part.size() > 1) {
          List<OutputLine> whole = parts.removeFirst();
          parts.addFirst(whole.subList(whole.size() / 2, whole.size()));
          parts.addFirst(whole.subList(0, whole.size() / 2));
        } else if (++attempts < ATTEMPTS) {
          again(reason);
        } else {
          REFUSED.warn("a line of {} bytes is refused: {}", part.get(0).content().size(), reason);
          refused.accept(part.get(0));
          done(parts.removeFirst());
          attempts = 0;
        }
      }
    }
  }

  private void done(List<OutputLine> part) {
    unsent.subList(0, part.size()).clear();
    retry.succeeded();
    told = false;
  }

  private CompletableFuture<Void> request(List<OutputLine> batch) throws BusException, IOException {
    LogRequest.Builder request = LogRequest.newBuilder();
    batch.forEach(line -> request.addRecords(line.toRecord()));
    SinkClient open = client;
    if (open == null) {
      open = SinkClient.over(sinks.open(), Threads.named("vmlog-sink"));
      client = open;
    }
    CompletableFuture<Void> written = open.collect(request.build().toByteArray());
    tried.countDown();
    return written;
  }

  /** Tells, once for each time that it does not get on, and lets another sink be opened. */
  private void again(String reason) throws InterruptedException {
    tried.countDown();
    if (!told) {
      told = true;
      LOG.warn("the log is not taken ({}); trying again", reason);
    }
    close();
    TimeUnit.NANOSECONDS.sleep(retry.next().toNanos());
  }

  @Override
  public void close() {
    SinkClient open = client;
    client = null;
    if (open != null) {
      open.close();
    }
  }
}
