package org.vmlog.route;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.Generation;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.StreamSink;
import org.vmlog.sink.WriteResult;

/**
 * One source's way to its sink: a queue bounded in bytes, drained by one writer at a time.
 *
 * <p>Any thread appends whole lines; {@link #append} copies them and never waits. Whoever finds the
 * pipe idle submits it to the {@link PipeWriters}, which are an event loop's own thread if it can
 * be ({@link LoopDrains}); until the queue is empty again the pipe is theirs, and everything that
 * has come in meanwhile goes into one write. When that write has returned, each append that lies
 * wholly within it is acknowledged. The price: an append that comes during a slow write waits for
 * that write and then for its own.
 *
 * <p>The lock is never held across I/O or a callback. Thread-safe.
 */
public final class LogPipe {
  /** Lines up to this many bytes always fit an empty pipe, whatever other pipes hold. */
  public static final int CHUNK_BYTES = PipeMemory.GUARANTEED_SEGMENTS * PipeMemory.SEGMENT_BYTES;

  /** How long after a failed write a drop line is tried again when nothing else comes. */
  private static final Duration DROP_LINE_RETRY = Duration.ofSeconds(1);

  /** What is copied to the page cache in some 20 µs: an event loop has others to serve. */
  private static final int QUICK_BYTES = 64 << 10;

  private final String name;
  private final LineSink sink;
  private final PipeMemory memory;
  private final DrainScheduler writers;
  private final PipeDrain drain;
  private final CompletableFuture<Void> closedFuture = new CompletableFuture<>();

  private final Object lock = new Object();
  // These two, but for what says that it is thread-safe, are used with the lock held.
  private final StreamLedger streams = new StreamLedger(lock);
  private final PipeContents contents;

  @GuardedBy("lock")
  private boolean handedOver;

  @GuardedBy("lock")
  private boolean dropLineWaits;

  @GuardedBy("lock")
  private boolean closing;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * Makes an empty pipe.
   *
   * @param rate null when its source is not limited
   */
  LogPipe(
      String name,
      LineSink sink,
      int maxBytes,
      PipeMemory memory,
      DrainScheduler writers,
      OwnLines ownLines,
      SourceStatistics statistics,
      @Nullable RateLimit rate) {
    this.name = name;
    this.sink = sink;
    this.memory = memory;
    this.writers = writers;
    this.drain = new PipeDrain(this, streams, sink, ownLines, statistics);
    this.contents = new PipeContents(memory, streams, maxBytes, rate);
    memory.pipeOpened();
  }

  /** The most that one append may hold; a longer line never fits. */
  public int maxBytes() {
    return contents.admission.maxBytes();
  }

  /**
   * Takes lines for the sink.
   *
   * @param lines holds whole lines, each ending in a newline; copied before this returns
   * @param counts the records they are, for the statistics, and the count should they be lost; must
   *     not change after
   * @param ack told when they are written or have failed; null when nobody can be told, as for
   *     datagrams: what then fails is counted as dropped
   */
  public Offer append(
      byte[] lines, int offset, int length, SeverityCounts counts, @Nullable Ack ack) {
    synchronized (lock) {
      if (closed) {
        return Offer.CLOSED;
      }
      Offer offer = contents.admission.offer(lines, offset, length, counts, ack);
      if (offer != Offer.TAKEN) {
        return offer;
      }
      if (handedOver) {
        return Offer.TAKEN;
      }
      handedOver = true;
    }
    writers.submit(this);
    return Offer.TAKEN;
  }

  /** Who has its streams. */
  StreamLedger streams() {
    return streams;
  }

  /** See {@link PipeStream#open}. */
  PipeStream.Opening openStream(PipeStream stream) {
    if (!(sink instanceof StreamSink)) {
      return PipeStream.Opening.UNSUPPORTED;
    }
    PipeStream before;
    synchronized (lock) {
      if (closed) {
        return PipeStream.Opening.CLOSED;
      }
      if (!streams.admits(stream.id())) {
        return PipeStream.Opening.TOO_MANY;
      }
      before = streams.open(stream);
    }
    if (before != null) {
      before.listener().takenOver();
    }
    handOver();
    return PipeStream.Opening.UNDER_WAY;
  }

  /**
   * Counts records as dropped; a line in the sink will say so, after what waits there now.
   *
   * @param ack told when that line is written; null when nobody waits for it
   * @return false when the pipe is closed; the ack will not be called
   */
  public boolean drop(DropReason reason, long records, @Nullable Ack ack) {
    synchronized (lock) {
      if (closed) {
        return false;
      }
      contents.drops.add(reason, records, ack);
      if (dropLineWaits) {
        return true; // with the one that could not be written a moment ago
      }
    }
    handOver();
    return true;
  }

  /** Has a line in the sink divide what comes from now on from what this VM logged before. */
  void begin(Generation vm) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      contents.begin(vm);
    }
    handOver();
  }

  /**
   * Asks the sink to open its file anew, before the next write. The answer completes when it has
   * been tried, on the writer, and at once if the pipe is closed.
   */
  public CompletableFuture<Void> reopen() {
    return order(SinkOrders.Order.REOPEN);
  }

  /** Asks the sink to rotate its file; answers as {@link #reopen}, or with an IOException. */
  CompletableFuture<Void> rotate() {
    return order(SinkOrders.Order.ROTATE);
  }

  /** Completes as {@link #reopen} when what was asked of the sink before is done. */
  CompletableFuture<Void> arrive() {
    return order(SinkOrders.Order.ARRIVE);
  }

  private CompletableFuture<Void> order(SinkOrders.Order order) {
    CompletableFuture<Void> done;
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.completedFuture(null);
      }
      done = contents.orders.add(order);
    }
    handOver();
    return done;
  }

  /**
   * Runs the waiter once an append that was refused may pass, or the pipe has closed. It runs on
   * the thread that drains, be that an event loop's, or on the writers' timer, and must be quick.
   *
   * @param length of the append in bytes
   * @param records that it holds
   * @return to be cancelled by who no longer waits
   */
  public RoomWait whenRoom(int length, int records, Runnable waiter) {
    RoomWait wait = new RoomWait(waiter);
    Duration delay;
    synchronized (lock) {
      delay = contents.admission.await(length, records, wait);
    }
    if (delay != null) {
      writers.later(wait::over, delay);
    }
    return wait;
  }

  /** Writes what waits, then closes the sink; until then the pipe goes on taking lines. */
  CompletableFuture<Void> close() {
    synchronized (lock) {
      closing = true;
    }
    handOver();
    return closedFuture;
  }

  /** Completes when a {@link #close} is done. */
  CompletableFuture<Void> closed() {
    return closedFuture;
  }

  /** Takes back a {@link #close} that is not done yet; false when it is too late. */
  boolean revive() {
    synchronized (lock) {
      closing = closed;
      return !closed;
    }
  }

  private void handOver() {
    synchronized (lock) {
      if (handedOver) {
        return;
      }
      handedOver = true;
    }
    writers.submit(this);
  }

  /** What waits for the sink. */
  int waitingBytes() {
    synchronized (lock) {
      return contents.sizeBytes();
    }
  }

  /** Whose pipe it is, for messages. */
  String name() {
    return name;
  }

  @Override
  public String toString() {
    return "pipe of " + name;
  }

  /** See {@link LineSink#devices}. */
  List<Object> devices() {
    return sink.devices();
  }

  /** What the pipe's I/O waits for; see {@link LineSink#device}. */
  Object device() {
    return sink.device();
  }

  /**
   * Does what waits, once; to be called again as the answer says. Called by one thread at a time.
   *
   * @param loop on whose thread the lines that wait are written and drops are said, and all else is
   *     left; null on a writer, which does everything
   */
  Drained drain(@Nullable LoopDrains loop) {
    return drain.drain(loop);
  }

  /** Whether to drain it on a loop is but one short write now. Called by who is to drain it. */
  boolean isQuick() {
    int bytes;
    synchronized (lock) {
      if (closing || !contents.isOnlyLines()) {
        return false;
      }
      bytes = contents.sizeBytes();
    }
    return bytes <= QUICK_BYTES && drain.isQuick(bytes);
  }

  // What follows is for the drain.

  /** Takes what is asked of the sink. */
  List<SinkOrders.Taken> takeOrders() {
    synchronized (lock) {
      return contents.orders.take();
    }
  }

  /** Takes a start of the VM that is to be said now; null if there is none. */
  @Nullable Generation takeStart() {
    synchronized (lock) {
      return contents.takeStart();
    }
  }

  /** Takes the lines that are to be written now; what was dropped is to be said after them. */
  Backlog.Batch takeLines(PendingDrops saying) {
    synchronized (lock) {
      return contents.takeLines(saying);
    }
  }

  /** Books a write's outcome; what is written is added to the counts. */
  PipeDrain.Booked book(Backlog.Batch batch, WriteResult result, SeverityCounts counts) {
    synchronized (lock) {
      return contents.book(batch, result, counts);
    }
  }

  /** Has the sink's lines forced to the disk after a while. */
  void syncLater(Runnable first, Duration due) {
    writers.later(
        () -> {
          first.run();
          var unused = order(SinkOrders.Order.SYNC);
        },
        due);
  }

  /**
   * Finds out what is left to do: gives the pipe back if nothing waits, closes it if that was asked
   * for. A drop line that the sink would not take is tried again with the next lines, and after a
   * while if there are none.
   *
   * @param unsaid whether there is one
   * @param mayClose whether the caller would close the sink; else that is left to the next drain
   */
  Drained settle(boolean unsaid, boolean mayClose) {
    synchronized (lock) {
      if (!contents.isEmpty() || (closing && !mayClose)) {
        return Drained.AGAIN;
      }
      if (closing) {
        closed = true; // handedOver stays true: nobody is to hand a closed pipe over
        memory.pipeClosed();
        return Drained.CLOSED;
      }
      handedOver = false;
    }
    if (unsaid) {
      retryDropLine();
    }
    return Drained.IDLE;
  }

  private void retryDropLine() {
    synchronized (lock) {
      if (dropLineWaits) {
        return;
      }
      dropLineWaits = true;
    }
    writers.later(
        () -> {
          synchronized (lock) {
            dropLineWaits = false;
          }
          handOver();
        },
        DROP_LINE_RETRY);
  }

  void sinkClosed() {
    closedFuture.complete(null);
  }
}
