package org.vmlog.intake;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.record.LogEntry;
import org.vmlog.record.MalformedStreamException;
import org.vmlog.record.StreamDecoder;
import org.vmlog.route.DropReason;
import org.vmlog.route.RoomWait;
import org.vmlog.route.Route;
import org.vmlog.wire.StreamReceiver;
import org.vmlog.wire.StreamTransport;

/**
 * A stream of bytes on its way into its source's pipe.
 *
 * <p>Nobody is answered here, and a peer that is not read may hold up the machine it runs on. So a
 * full pipe leaves the connection unread for {@link #PATIENCE} at most, once in {@link #RECOVERY};
 * what then finds no room, and what is over its source's rate, is counted as dropped at once.
 * Confined to the connection's event loop.
 */
final class StreamConnection implements StreamReceiver {
  /** With what a connection may have been held before, less than a second. */
  static final Duration PATIENCE = Duration.ofMillis(400);

  /** How long after it has run out there is patience again. */
  static final Duration RECOVERY = Duration.ofSeconds(10);

  /** After which a prompt is taken for one. */
  static final Duration SILENCE = Duration.ofSeconds(2);

  private static final LimitedLog MALFORMED =
      LimitedLog.on(LoggerFactory.getLogger(StreamConnection.class));

  /** What all streams of an intake share. */
  record Context(ThreadLocal<Rendering> rendering, InstantSource clock, IntakeCounters counters) {}

  private final Context context;
  private final Spoken spoken;
  private final Route route;
  private final SourceConnections.Closing onClosed;
  private final StreamDecoder decoder;
  private final StreamTransport transport;
  private final LogEntry entry = new LogEntry();

  /** What the pipe had no room for, in order; while there is some nothing is read. */
  private final ArrayDeque<Chunk> parked = new ArrayDeque<>(0);

  private int parkedBytes;

  /** Counts the times that something was parked: whose patience it is that ends. */
  private long parkings;

  private @Nullable RoomWait waiting;

  private boolean impatient;
  private long impatientSince;
  private boolean closing;
  private boolean ended;

  /** When bytes came last. */
  private long heardNanos;

  private boolean silenceAwaited;

  /** Records that were cut, of those that are walked now. */
  private int cuts;

  /** Of those, records of which too much was let go. */
  private int lost;

  StreamConnection(
      Context context,
      Spoken spoken,
      SourceConnections.Opening.Opened opened,
      StreamDecoder decoder,
      StreamTransport transport) {
    this.context = context;
    this.spoken = spoken;
    this.route = opened.route();
    this.onClosed = opened.onClosed();
    this.decoder = decoder;
    this.transport = transport;
  }

  @Override
  public void received(byte[] bytes, int length) {
    if (ended) {
      return;
    }
    runOut(); // a peer that hangs up is read to its end, whatever waits
    decoder.feed(bytes, 0, length);
    walk();
    if (!hold(decoder.heldBytes())) {
      decoder.shed();
    }
    if (decoder.endsBySilence()) {
      heardNanos = System.nanoTime();
      awaitSilence(SILENCE.toNanos());
    }
  }

  /** One look at a time, whatever comes meanwhile. */
  private void awaitSilence(long nanos) {
    if (!silenceAwaited) {
      silenceAwaited = true;
      transport.after(Duration.ofNanos(nanos), this::lookForSilence);
    }
  }

  private void lookForSilence() {
    silenceAwaited = false;
    if (ended || !decoder.endsBySilence()) {
      return;
    }
    long left = heardNanos + SILENCE.toNanos() - System.nanoTime();
    if (left > 0 || !parked.isEmpty()) {
      awaitSilence(Math.max(left, SILENCE.toNanos() / 4));
      return;
    }
    boolean unused = decoder.end();
    walk();
    unused = hold(decoder.heldBytes());
  }

  private void walk() {
    Rendering rendering = context.rendering().get();
    rendering.begin(context.clock().instant());
    cuts = 0;
    lost = 0;
    MalformedStreamException malformed = null;
    try {
      while (decode(rendering)) {
        // One record at a time.
      }
    } catch (MalformedStreamException e) {
      malformed = e;
    }
    handOver(rendering);
    drop(DropReason.LINE_CUT, cuts);
    drop(DropReason.UNFINISHED, lost);
    if (malformed != null) {
      malformed(malformed);
    }
  }

  /** False when all that was fed is done. */
  private boolean decode(Rendering rendering) throws MalformedStreamException {
    StreamDecoder.Step step = decoder.next(entry);
    switch (step) {
      case MORE -> {
        return false;
      }
      case SILENT -> context.counters().silentEntries().increment();
      case LOST -> lost++;
      case RECORD -> add(rendering);
      case CUT_RECORD -> {
        add(rendering);
        cuts++;
      }
    }
    return true;
  }

  private void add(Rendering rendering) {
    if (!rendering.add(entry, decoder.channel(), route)) {
      handOver(rendering);
      rendering.begin(context.clock().instant());
      rendering.add(entry, decoder.channel(), route);
    }
  }

  private void handOver(Rendering rendering) {
    if (rendering.records() == 0) {
      return;
    }
    Chunk chunk = Chunk.of(rendering);
    rendering.appendCopies(route, chunk.counts);
    cuts += chunk.cuts;
    DropReason refusal = parked.isEmpty() ? offer(chunk) : DropReason.PIPE_FULL;
    if (refusal == DropReason.PIPE_FULL && isPatient() && hold(chunk.length)) {
      park(chunk.kept());
    } else if (refusal != null) {
      drop(refusal, chunk.records());
    }
  }

  /** Why the pipe does not take the chunk; null when it has. */
  private @Nullable DropReason offer(Chunk chunk) {
    return switch (route.pipe().append(chunk.lines, 0, chunk.length, chunk.counts, null)) {
      case TAKEN -> null;
      case FULL, CLOSED -> DropReason.PIPE_FULL;
      case OVER_RATE -> DropReason.RATE_LIMIT;
    };
  }

  private boolean isPatient() {
    if (impatient && System.nanoTime() - impatientSince > RECOVERY.toNanos()) {
      impatient = false;
    }
    return !impatient && !closing;
  }

  private void park(Chunk chunk) {
    if (parked.isEmpty()) {
      transport.read(false);
      long parking = ++parkings;
      transport.after(
          PATIENCE,
          () -> {
            if (parking == parkings) {
              runOut();
            }
          });
      awaitRoom(chunk);
    }
    parked.addLast(chunk);
    parkedBytes += chunk.length;
  }

  private void awaitRoom(Chunk first) {
    waiting =
        route
            .pipe()
            .whenRoom(first.length, first.records(), () -> transport.execute(this::handOverParked));
  }

  private void handOverParked() {
    while (!parked.isEmpty()) {
      Chunk first = parked.getFirst();
      DropReason refusal = offer(first);
      if (refusal == DropReason.PIPE_FULL) {
        awaitRoom(first);
        return;
      }
      if (refusal != null) {
        drop(refusal, first.records());
      }
      unpark();
    }
    goOn();
  }

  /** Counts as dropped what has found no room, if anything waits for some. */
  private void runOut() {
    if (parked.isEmpty()) {
      return;
    }
    impatient = true;
    impatientSince = System.nanoTime();
    while (!parked.isEmpty()) {
      Chunk first = parked.getFirst();
      DropReason refusal = offer(first);
      if (refusal != null) {
        drop(refusal, first.records());
      }
      unpark();
    }
    goOn();
  }

  private void unpark() {
    parkedBytes -= parked.removeFirst().length;
  }

  private void goOn() {
    parkings++; // nobody's patience ends any more
    if (waiting != null) {
      waiting.cancel();
    }
    boolean unused = hold(0);
    transport.read(true);
  }

  /** Charges what is kept beside what is parked. */
  private boolean hold(int bytes) {
    return transport.hold(parkedBytes + bytes);
  }

  private void drop(DropReason reason, long count) {
    if (count > 0) {
      boolean unused = route.pipe().drop(reason, count, null);
    }
  }

  private void malformed(MalformedStreamException e) {
    ended = true;
    context.counters().malformedStreams().of(spoken).increment();
    MALFORMED.warn("closed a connection of {}: {}", route.key(), String.valueOf(e.getMessage()));
    drop(DropReason.MALFORMED, 1);
    transport.close();
  }

  @Override
  public void closing() {
    closing = true;
    runOut();
  }

  @Override
  public void closed() {
    closing();
    if (!ended) {
      ended = true;
      boolean unfinished = decoder.end();
      walk();
      drop(DropReason.UNFINISHED, unfinished ? 1 : 0);
    }
    onClosed.closed();
  }
}
