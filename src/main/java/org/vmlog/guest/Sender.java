package org.vmlog.guest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.Retry;
import org.vmlog.record.Channel;
import org.vmlog.wire.Answer;
import org.vmlog.wire.HostClient;
import org.vmlog.wire.HostConnection;

/**
 * Brings what is in the buffer to the host, for as long as it takes: opens a connection, prefers
 * LogStream on it and makes do with LogCollector, and opens another a while after it failed. A
 * connection on which the host owes an answer for too long is given up: it may have died without a
 * word, as those of a VM do that was set back to a snapshot.
 *
 * <p>Confined to the event loop, but for {@link #start} and {@link #drain}.
 */
final class Sender implements Delivery.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
  private static final LimitedLog CONNECTIONS = LimitedLog.on(LOG);

  /** More than it takes a host to write, and less than people wait for a log. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final HostClient client;
  private final RecordBuffer buffer;
  private final GuestStream stream;
  private final int windowBytes;
  private final Duration patience;
  private final Retry backoff;
  private final Refusals refusals;
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  /** What was sent and not settled on the last connection. */
  private List<Batch> unsettled = List.of();

  private long connectedNanos;
  private boolean suspicious;
  private boolean away;
  private boolean draining;
  private @Nullable HostConnection connection;
  private @Nullable Delivery delivery;
  private @Nullable Future<?> timer;

  /**
   * @param windowBytes of what may be under way by LogStream
   * @param patience how long an answer is waited for
   */
  Sender(
      HostClient client,
      RecordBuffer buffer,
      GuestStream stream,
      int windowBytes,
      Duration patience,
      RandomGenerator random) {
    this.client = client;
    this.buffer = buffer;
    this.stream = stream;
    this.windowBytes = windowBytes;
    this.patience = patience;
    this.backoff = new Retry(FIRST_PAUSE, LONGEST_PAUSE, random);
    this.refusals = new Refusals(buffer);
  }

  /** Begins. */
  void start() {
    buffer.onWork(() -> client.execute(this::pump));
    client.execute(this::connect);
  }

  /** Sends everything from now on without delay; done when the host has all that came. */
  CompletableFuture<Void> drain() {
    client.execute(
        () -> {
          draining = true;
          pump();
        });
    return drained;
  }

  private void connect() {
    connectedNanos = System.nanoTime();
    HostConnection fresh = client.connect();
    connection = fresh;
    refusals.connected();
    delivery =
        new StreamDelivery(
            fresh, stream, buffer, refusals, unsettled, suspicious, windowBytes, this);
    unsettled = List.of();
  }

  private void pump() {
    if (delivery != null) {
      delivery.pump(draining);
      if (patienceNanosLeft(delivery) <= 0) {
        openConnection().abort(); // which ends the delivery
      }
    }
    if (draining && buffer.isEmpty()) {
      drained.complete(null);
    }
    setTimer();
  }

  /** What is due already goes when the host has answered what is under way. */
  private void setTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    long patienceLeft = delivery == null ? Long.MAX_VALUE : patienceNanosLeft(delivery);
    LongStream.of(buffer.nanosLeft(Channel.USER), buffer.nanosLeft(Channel.KERNEL), patienceLeft)
        .filter(nanos -> nanos > 0 && nanos != Long.MAX_VALUE)
        .min()
        .ifPresent(nanos -> timer = client.schedule(this::pump, Duration.ofNanos(nanos)));
  }

  private long patienceNanosLeft(Delivery of) {
    OptionalLong since = of.waitingSince();
    return since.isPresent()
        ? patience.toNanos() - (System.nanoTime() - since.getAsLong())
        : Long.MAX_VALUE;
  }

  @Override
  public void onReady() {
    pump();
  }

  @Override
  public void onProgress() {
    backoff.succeeded();
    if (away) {
      away = false;
      CONNECTIONS.info("{} is there again", client.address());
    }
    pump();
  }

  @Override
  public void onEnd(Answer answer, List<Batch> sent, List<Batch> unsent) {
    Delivery ended = delivery;
    delivery = null;
    if (answer.verdict() == Answer.Verdict.UNKNOWN_METHOD && ended instanceof StreamDelivery) {
      collect(sent, unsent);
      return;
    }
    suspicious = answer.verdict() == Answer.Verdict.REFUSED;
    List<Batch> rest = new ArrayList<>(sent);
    if (suspicious && sent.size() == 1) {
      rest = new ArrayList<>(refusals.insteadOf(sent.get(0), answer.reason()));
    }
    if (suspicious && !rest.equals(sent)) {
      backoff.succeeded(); // one step nearer to the record that is to blame
    }
    rest.addAll(unsent);
    unsettled = rest;
    reconnect(answer);
  }

  /** The host does not know LogStream. The next one, on another connection, may. */
  private void collect(List<Batch> sent, List<Batch> unsent) {
    List<Batch> again = new ArrayList<>(sent);
    again.addAll(unsent);
    LOG.debug("{} has no LogStream, going on with LogCollector", client.address());
    delivery = new CollectDelivery(openConnection(), buffer, refusals, again, this);
    pump();
  }

  private HostConnection openConnection() {
    if (connection == null) {
      throw new IllegalStateException("no connection");
    }
    return connection;
  }

  private void reconnect(Answer answer) {
    openConnection().close();
    connection = null;
    if (System.nanoTime() - connectedNanos > LONGEST_PAUSE.toNanos()) {
      backoff.succeeded(); // it was good for a while, if only for having nothing to send
    }
    Duration pause = backoff.next();
    if (draining && buffer.isEmpty()) {
      return; // the end, and a good one
    }
    if (!away) {
      away = true;
      CONNECTIONS.warn(
          "{} takes no records for now: {}; it is tried again, and what comes is kept",
          client.address(),
          answer.reason());
    }
    var unused = client.schedule(this::connect, pause);
  }
}
