package org.vmlog.intake;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.vmlog.record.Channel;
import org.vmlog.record.LogEntry;
import org.vmlog.record.PushMessage;
import org.vmlog.record.PushMessages;
import org.vmlog.record.RequestCursor;
import org.vmlog.record.RequestException;
import org.vmlog.route.DropReason;
import org.vmlog.route.PipeStream;
import org.vmlog.route.RoomWait;
import org.vmlog.route.Route;
import org.vmlog.sink.StreamId;
import org.vmlog.wire.PushReceiver;
import org.vmlog.wire.PushReply;
import org.vmlog.wire.Reply.Refusal;
import org.vmlog.wire.Transport;

/**
 * One Push on its way into its pipe, batch by batch. The next message is asked for when all of a
 * batch is in the pipe: while that is full or the source over its rate the guest is not read
 * further, and nothing is dropped.
 *
 * <p>What a batch has of records that stood already when the Push began is passed over, be it all
 * of it. A batch that is malformed leaves nothing behind and ends the Push, and so does a write
 * that fails; where the guest goes on, its next Push is told.
 *
 * <p>Confined to the connection's event loop, but for what it is told as a {@link
 * PipeStream.Listener}.
 */
final class PushJob implements PushReceiver, PipeStream.Listener {
  private final RequestJob.Context context;
  private final Route route;
  private final Transport transport;
  private final PushReply reply;

  private volatile long written;
  private final AtomicBoolean answerPlanned = new AtomicBoolean();

  // Confined to the event loop.
  private @Nullable PipeStream stream;
  private boolean open;
  private long standing; // when the Push began
  private long lastTaken; // the last of the batches so far
  private long lastOwed; // the last that is in the pipe
  private long answered;
  private @Nullable RequestChunks batch;
  private long nextSeq; // of the chunk that comes next, or is parked
  private @Nullable Chunk parked;
  private @Nullable RoomWait waiting;
  private @Nullable Runnable farewell;
  private boolean over;

  PushJob(RequestJob.Context context, Route route, Transport transport, PushReply reply) {
    this.context = context;
    this.route = route;
    this.transport = transport;
    this.reply = reply;
  }

  /** Asks for the message that names the stream. */
  void begin() {
    reply.next();
  }

  @Override
  public void message(byte[] bytes) {
    try {
      PushMessage message = PushMessage.parse(bytes);
      if (stream == null) {
        open(PushChecks.stream(message));
      } else {
        take(message);
      }
    } catch (InvalidPushException | RequestException e) {
      refuse(Refusal.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private void open(StreamId id) {
    PipeStream opening = new PipeStream(route.pipe(), id, this);
    stream = opening;
    switch (opening.open()) {
      case UNDER_WAY -> {}
      case TOO_MANY ->
          refuse(
              Refusal.TOO_LARGE,
              "%s streams are open; allowed are %s"
                  .formatted(PipeStream.MAX_OPEN, PipeStream.MAX_OPEN));
      case UNSUPPORTED ->
          refuse(Refusal.UNSUPPORTED, "this peer's log knows no streams; use LogCollector");
      case CLOSED -> refuse(Refusal.UNAVAILABLE, "the log of this source is closed");
    }
  }

  @Override
  public void opened(long lastSeq) {
    transport.execute(() -> begin(lastSeq));
  }

  private void begin(long lastSeq) {
    if (over) {
      return;
    }
    open = true;
    standing = lastSeq;
    answered = lastSeq;
    written = lastSeq;
    reply.send(PushMessages.response(lastSeq));
    goOn();
  }

  private void take(PushMessage message) throws InvalidPushException, RequestException {
    PushChecks.checkHead(message, lastTaken);
    Channel channel = PushChecks.channel(message);
    // One for each batch: it holds on to the message, and a Push may be idle for long.
    RequestCursor cursor = new RequestCursor(context.maxRecords());
    message.start(cursor);
    int skipped = skip(cursor, standing - message.firstSeq() + 1);
    nextSeq = message.firstSeq() + skipped;
    RequestChunks chunks =
        new RequestChunks(cursor, channel, route, context.clock(), Integer.MAX_VALUE);
    Rendering rendering = context.rendering().get();
    boolean more = chunks.next(rendering);
    // All of the batch is known by now, and nothing of it is handed over.
    lastTaken = PushChecks.lastSeq(message.firstSeq(), skipped + chunks.total());
    if (!more) {
      goOn();
      return;
    }
    batch = chunks;
    if (handOver(rendering)) {
      walk();
    }
  }

  private static int skip(RequestCursor cursor, long most) throws RequestException {
    LogEntry entry = new LogEntry();
    int skipped = 0;
    while (skipped < most && cursor.next(entry)) {
      skipped++;
    }
    return skipped;
  }

  /** Hands over as much as the pipe takes, from where the last call stopped. */
  private void resume() {
    Chunk chunk = parked;
    parked = null;
    if (over || chunk == null) {
      return;
    }
    reply.letGo(chunk.length);
    if (offer(chunk)) {
      try {
        walk();
      } catch (RequestException e) {
        throw new IllegalStateException("a batch that was checked is malformed", e);
      }
    }
  }

  private void walk() throws RequestException {
    RequestChunks chunks = batch;
    Rendering rendering = context.rendering().get();
    while (chunks != null && chunks.next(rendering)) {
      if (!handOver(rendering)) {
        return;
      }
    }
    batch = null;
    goOn();
  }

  private boolean handOver(Rendering rendering) {
    Chunk chunk = Chunk.of(rendering);
    boolean taken = offer(chunk);
    if (taken || parked != null) {
      rendering.appendCopies(route, chunk.counts);
    }
    return taken;
  }

  /** False when the walk is to stop here: for now if the chunk is parked, else for good. */
  private boolean offer(Chunk chunk) {
    if (stream == null) {
      return false;
    }
    switch (stream.append(chunk.lines, 0, chunk.length, nextSeq, chunk.counts)) {
      case TAKEN -> {
        nextSeq += chunk.records();
        lastOwed = nextSeq - 1;
        if (chunk.cuts > 0) {
          boolean unused = route.pipe().drop(DropReason.LINE_CUT, chunk.cuts, null);
        }
        return true;
      }
      case FULL, OVER_RATE -> {
        if (!reply.hold(chunk.length)) {
          refuse(Refusal.UNAVAILABLE, reply.tooMuch(chunk.length));
          return false;
        }
        parked = chunk.kept();
        waiting =
            route
                .pipe()
                .whenRoom(chunk.length, chunk.records(), () -> transport.execute(this::resume));
      }
      case CLOSED -> {} // whoever ended the stream says why
    }
    return false;
  }

  /** With the next message, or with the end. */
  private void goOn() {
    if (farewell == null) {
      reply.next();
    } else if (open && batch == null && written >= lastOwed) {
      end(farewell);
    }
  }

  @Override
  public void written(long lastSeq) {
    written = lastSeq;
    if (answerPlanned.compareAndSet(false, true)) {
      transport.execute(this::answer);
    }
  }

  private void answer() {
    answerPlanned.set(false);
    tell();
    if (farewell != null) {
      goOn();
    }
  }

  private void tell() {
    long now = written;
    if (!over && now > answered) {
      answered = now;
      reply.send(PushMessages.response(now));
    }
  }

  @Override
  public void failed(IOException cause) {
    // Not the cause's own text: that names files of the host.
    transport.execute(() -> refuse(Refusal.UNAVAILABLE, "the log could not be written"));
  }

  @Override
  public void takenOver() {
    transport.execute(() -> refuse(Refusal.TAKEN_OVER, "a newer Push has this stream"));
  }

  @Override
  public void halfClosed() {
    if (stream == null) {
      refuse(Refusal.MALFORMED, "no message in the Push; allowed is a stream_id, then batches");
    } else {
      sayFarewell(reply::ok);
    }
  }

  @Override
  public void goingAway() {
    sayFarewell(reply::goAway);
  }

  /** Ends the Push once all that was read is written. */
  private void sayFarewell(Runnable how) {
    farewell = how;
    if (stream == null) {
      end(how);
    } else {
      goOn();
    }
  }

  private void refuse(Refusal refusal, String reason) {
    end(() -> reply.refuse(refusal, reason));
  }

  private void end(Runnable how) {
    if (!over) {
      tell();
      ended();
      how.run();
    }
  }

  @Override
  public void ended() {
    over = true;
    batch = null;
    parked = null;
    if (waiting != null) {
      waiting.cancel();
    }
    if (stream != null) {
      stream.close();
    }
  }
}
