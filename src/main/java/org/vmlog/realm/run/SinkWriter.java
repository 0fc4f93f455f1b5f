package org.vmlog.realm.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusException;
import org.vmlog.platform.Threads;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.wire.SinkClient;

/**
 * Sends lines over a sink, and waits until they are written before it sends the next. When the sink
 * ends, as it does with whoever serves it, another is opened and what was not known to be written
 * is sent again: a line may be there twice, and none is missing.
 *
 * <p>Confined to one thread.
 */
final class SinkWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkWriter.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration MAX_DELAY = Duration.ofSeconds(1);

  private final ComponentCommand.Sinks sinks;
  private final OutputQueue queue;
  private final List<OutputLine> unsent = new ArrayList<>();
  private @Nullable SinkClient client;
  private long delayMillis = FIRST_DELAY.toMillis();
  private boolean told;

  SinkWriter(ComponentCommand.Sinks sinks, OutputQueue queue) {
    this.sinks = sinks;
    this.queue = queue;
  }

  /** Sends until the queue ends, however long that takes. */
  void sendAll() throws InterruptedException {
    for (List<OutputLine> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
      unsent.addAll(batch);
      while (!isWritten(request(batch))) {
        TimeUnit.MILLISECONDS.sleep(delayMillis);
        delayMillis = Math.min(2 * delayMillis, MAX_DELAY.toMillis());
      }
      unsent.clear();
      delayMillis = FIRST_DELAY.toMillis();
      told = false;
    }
  }

  /** What was taken from the queue and is not known to be written, after {@link #sendAll}. */
  List<OutputLine> unsent() {
    return unsent;
  }

  private static byte[] request(List<OutputLine> batch) {
    LogRequest.Builder request = LogRequest.newBuilder();
    batch.forEach(line -> request.addRecords(line.toRecord()));
    return request.build().toByteArray();
  }

  private boolean isWritten(byte[] request) throws InterruptedException {
    try {
      client().collect(request).get();
      return true;
    } catch (BusException | IOException e) {
      tell(String.valueOf(e.getMessage()));
    } catch (ExecutionException e) {
      tell(String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()));
    }
    close();
    return false;
  }

  private SinkClient client() throws BusException, IOException {
    SinkClient open = client;
    if (open == null) {
      open = SinkClient.over(sinks.open(), Threads.named("vmlog-sink"));
      client = open;
    }
    return open;
  }

  /** Once for each time that it does not get on. */
  private void tell(String reason) {
    if (!told) {
      told = true;
      LOG.warn("the log is not taken ({}); trying again", reason);
    }
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
