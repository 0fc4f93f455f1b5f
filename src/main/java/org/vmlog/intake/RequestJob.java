package org.vmlog.intake;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.vmlog.metrics.LatencyHistogram;
import org.vmlog.record.Channel;
import org.vmlog.record.MalformedRequestException;
import org.vmlog.record.RequestCursor;
import org.vmlog.record.RequestException;
import org.vmlog.route.Ack;
import org.vmlog.route.DropReason;
import org.vmlog.route.Offer;
import org.vmlog.route.RoomWait;
import org.vmlog.route.Route;
import org.vmlog.wire.Reply;
import org.vmlog.wire.Transport;

/**
 * One LogRequest on its way into its pipe: walked, scrubbed and rendered chunk by chunk.
 *
 * <p>A malformed one leaves nothing behind. When the pipe is full the job waits for room, the
 * response with it, for up to {@link #PATIENCE}; then what is left is counted in a drop line. It is
 * answered OK when every line, the drop line included, is written.
 *
 * <p>Walks and renders on the connection's event loop; {@link #written} and {@link #failed} are
 * called on the pipe's writer.
 */
final class RequestJob implements Ack {
  /**
   * How long a response is held back for a full pipe. A guest sends nothing else meanwhile, and
   * resends all of it after any answer but OK, so a refusal would only add to the load.
   */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** What all jobs of an intake share. */
  record Context(
      ThreadLocal<Rendering> rendering,
      InstantSource clock,
      ScheduledExecutorService timer,
      LatencyHistogram ackTimes,
      int maxRecords) {}

  private final Context context;
  private final Route route;
  private final Transport transport;
  private final Reply reply;
  private final RequestChunks chunks;
  private final long arrivedNanos = System.nanoTime();

  /** What must still be written before the answer, and one for the walk itself. */
  private final AtomicInteger owed = new AtomicInteger(1);

  private volatile @Nullable IOException failure;

  /** Why what could not be handed over cannot wait either. */
  private volatile @Nullable String tooMuch;

  // Confined to the event loop.
  private boolean walked;
  private @Nullable Future<?> patience;
  private @Nullable RoomWait waiting;
  private @Nullable Chunk parked;
  private DropReason parkedFor = DropReason.PIPE_FULL;

  RequestJob(
      Context context,
      Route route,
      Transport transport,
      Channel channel,
      byte[] request,
      Reply reply) {
    this.context = context;
    this.route = route;
    this.transport = transport;
    this.reply = reply;
    RequestCursor cursor = new RequestCursor(Integer.MAX_VALUE);
    cursor.start(request);
    this.chunks = new RequestChunks(cursor, channel, route, context.clock(), context.maxRecords());
  }

  /** Hands over as much as the pipe takes, from where the last call stopped. On the event loop. */
  void run() {
    if (walked) {
      return;
    }
    try {
      if (handOverParked()) {
        walk();
      }
    } catch (MalformedRequestException e) {
      stop();
      reply.refuse(Reply.Refusal.MALFORMED, String.valueOf(e.getMessage()));
    } catch (RequestException e) {
      throw new IllegalStateException(e);
    }
  }

  private void walk() throws RequestException {
    Rendering rendering = context.rendering().get();
    while (chunks.next(rendering)) {
      if (!handOver(rendering)) {
        return;
      }
    }
    endOfRequest();
  }

  private boolean handOver(Rendering rendering) {
    Chunk chunk = Chunk.of(rendering);
    boolean taken = offer(chunk);
    if (taken || parked != null) {
      rendering.appendCopies(route, chunk.counts);
    }
    return taken;
  }

  /** True when nothing is parked any more. */
  private boolean handOverParked() {
    Chunk chunk = unpark();
    return chunk == null || offer(chunk);
  }

  private @Nullable Chunk unpark() {
    Chunk chunk = parked;
    parked = null;
    if (chunk != null) {
      reply.letGo(chunk.length);
    }
    return chunk;
  }

  /** False when the walk is to stop here: for now if the lines are parked, else for good. */
  private boolean offer(Chunk chunk) {
    owed.incrementAndGet();
    Offer offer = route.pipe().append(chunk.lines, 0, chunk.length, chunk.counts, this);
    if (offer == Offer.TAKEN) {
      if (chunk.cuts > 0) {
        drop(DropReason.LINE_CUT, chunk.cuts);
      }
      return true;
    }
    owed.decrementAndGet();
    if (offer == Offer.CLOSED) {
      failure = new IOException("the log of this source is closed");
      endOfWalk();
      return false;
    }
    if (!reply.hold(chunk.length)) {
      tooMuch = reply.tooMuch(chunk.length);
      failure = new IOException(tooMuch);
      endOfWalk();
      return false;
    }
    parked = chunk.kept();
    parkedFor = offer == Offer.OVER_RATE ? DropReason.RATE_LIMIT : DropReason.PIPE_FULL;
    if (patience == null) {
      patience =
          context
              .timer()
              .schedule(
                  () -> transport.execute(this::giveUp), PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    }
    waiting =
        route.pipe().whenRoom(chunk.length, chunk.records(), () -> transport.execute(this::run));
    return false;
  }

  /** Counts as dropped what has found no room. On the event loop. */
  private void giveUp() {
    if (walked) {
      return;
    }
    Chunk chunk = unpark();
    drop(parkedFor, chunks.left() + (chunk == null ? 0 : chunk.records()));
    endOfRequest();
  }

  private void drop(DropReason reason, long count) {
    owed.incrementAndGet();
    if (!route.pipe().drop(reason, count, this)) {
      failed(new IOException("the log of this source is closed"));
    }
  }

  /** All that is written of it is handed over; what is beyond the most that may be is counted. */
  private void endOfRequest() {
    if (chunks.beyond() > 0) {
      drop(DropReason.TOO_MANY_RECORDS, chunks.beyond());
    }
    endOfWalk();
  }

  private void endOfWalk() {
    stop();
    settle();
  }

  /**
   * Nobody is to keep the request in memory once it is answered, and charged to its source no more.
   */
  private void stop() {
    walked = true;
    if (patience != null) {
      boolean unused = patience.cancel(false);
    }
    if (waiting != null) {
      waiting.cancel();
    }
  }

  @Override
  public void written() {
    settle();
  }

  @Override
  public void failed(IOException cause) {
    failure = cause;
    settle();
  }

  @Override
  public boolean hasFailed() {
    return failure != null;
  }

  private void settle() {
    if (owed.decrementAndGet() > 0) {
      return;
    }
    IOException cause = failure;
    String memory = tooMuch;
    if (memory != null) {
      reply.refuse(Reply.Refusal.TOO_LARGE, memory);
    } else if (cause == null) {
      reply.ok();
      context.ackTimes().record(System.nanoTime() - arrivedNanos);
    } else {
      // Not the cause's own text: that names files of the host.
      reply.refuse(Reply.Refusal.UNAVAILABLE, "the log could not be written");
    }
  }
}
