package org.vmlog.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Generation;
import org.vmlog.platform.LimitedLog;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.StreamSink;
import org.vmlog.sink.WriteIntent;
import org.vmlog.sink.WriteResult;

/**
 * The writer's side of a {@link LogPipe}: all of its I/O, and telling the senders what became of
 * theirs. What it needs of the pipe's state it takes and books under the pipe's lock, which is
 * never held while it writes or calls back. Confined to the pipe's writer, be that a thread of the
 * {@link PipeWriters} or of an event loop.
 */
final class PipeDrain {
  private static final LimitedLog FAILED = LimitedLog.on(LoggerFactory.getLogger(LogPipe.class));

  /** A write that takes so long is not an event loop's any more... */
  private static final long SLOW_NANOS = Duration.ofMillis(5).toNanos();

  /** ... until so many in a row were faster. */
  private static final int QUICK_AGAIN = 64;

  /** What became of a write: whom to tell of it. */
  record Booked(List<Ack> written, Backlog.Lost lost, List<RoomWait> awake) {}

  private final LogPipe pipe;
  private final StreamLedger ledger;
  private final LineSink sink;
  private final OwnLines ownLines;
  private final SourceStatistics statistics;
  private final SeverityCounts written = new SeverityCounts();

  /** How many writes must be fast before the sink is taken for a fast one again. */
  private int wary;

  private final AtomicBoolean syncPlanned = new AtomicBoolean();

  /** What was dropped, and is to be said after what was taken before it. */
  private final PendingDrops saying = new PendingDrops();

  /** The start whose mark does not stand yet. */
  private @Nullable Generation unsaidStart;

  PipeDrain(
      LogPipe pipe,
      StreamLedger ledger,
      LineSink sink,
      OwnLines ownLines,
      SourceStatistics statistics) {
    this.pipe = pipe;
    this.ledger = ledger;
    this.sink = sink;
    this.ownLines = ownLines;
    this.statistics = statistics;
  }

  /** See {@link LogPipe#drain}. */
  Drained drain(@Nullable LoopDrains loop) {
    Drained drained = drainOnce(loop);
    if (drained != Drained.CLOSED) {
      return drained;
    }
    IOException closed = new IOException("the log of " + pipe.name() + " is closed");
    ledger.closeAll().forEach(stream -> stream.listener().failed(closed));
    sink.close();
    pipe.sinkClosed();
    return Drained.IDLE;
  }

  private Drained drainOnce(@Nullable LoopDrains loop) {
    if (loop == null) {
      pipe.takeOrders().forEach(order -> order.carryOut(sink));
      sayStart();
    }
    Drained.Later later = writeLines(pipe.takeLines(saying), loop);
    if (later == null) {
      if (loop == null) {
        openStreams();
      }
      later = sayDrops(loop);
    }
    return later == null ? pipe.settle(!saying.isEmpty(), loop == null) : later;
  }

  /** Whether to drain on a loop is likely to be but one write(2), which is soon done. */
  boolean isQuick(int bytes) {
    return wary == 0 && unsaidStart == null && sink.isReady(bytes);
  }

  /** Marks a start where other lines stand before it. What fails is tried again with the next. */
  private void sayStart() {
    Generation start = pipe.takeStart();
    unsaidStart = start == null ? unsaidStart : start;
    if (unsaidStart == null) {
      return;
    }
    try {
      ByteBuffer[] mark = {ownLines.render(unsaidStart)};
      if (!ownLines.areMarked() || !sink.holdsLines() || write(mark, null, null).bytes() > 0) {
        unsaidStart = null;
      }
    } catch (IOException e) {
      FAILED.warn("cannot mark a start in the log of {}: {}", pipe.name(), e.toString());
    }
  }

  private Drained.@Nullable Later writeLines(Backlog.Batch batch, @Nullable LoopDrains loop) {
    if (batch.lines.length > 0) {
      WriteResult result = write(batch.lines, batch.intent, loop);
      written.clear();
      Booked booked = pipe.book(batch, result, written);
      if (result.bytes() > 0) {
        statistics.written(written); // before anybody is told, who might look
      }
      tell(booked, result);
      if (result instanceof WriteResult.TryLater later) {
        return new Drained.Later(later.delay());
      }
    }
    return null;
  }

  private WriteResult write(
      ByteBuffer[] lines, @Nullable WriteIntent intent, @Nullable LoopDrains loop) {
    long began = System.nanoTime();
    if (loop != null) {
      loop.beginCall(began);
    }
    try {
      return intent != null && sink instanceof StreamSink streams
          ? streams.write(lines, intent)
          : sink.write(lines);
    } finally {
      if (loop != null) {
        loop.endCall(began);
      }
      boolean slow = System.nanoTime() - began > SLOW_NANOS;
      wary = slow ? QUICK_AGAIN : Math.max(0, wary - 1);
    }
  }

  private void openStreams() {
    if (sink instanceof StreamSink streams) {
      for (PipeStream stream : ledger.takeOpening()) {
        try {
          long lastSeq = streams.openStream(stream.id(), ledger.inUse());
          stream.listener().opened(lastSeq);
        } catch (IOException e) {
          FAILED.warn("cannot open a stream of {}: {}", pipe.name(), e.toString());
          stream.listener().failed(e);
        }
      }
    }
  }

  /** Tells the senders, and notes what is to be said of those that failed. */
  private void tell(Booked booked, WriteResult result) {
    booked.written().forEach(Ack::written);
    if (result instanceof WriteResult.Failed failure) {
      FAILED.warn("cannot write the log of {}: {}", pipe.name(), failure.cause().toString());
      Backlog.Lost lost = booked.lost();
      if (lost.untoldRecords() > 0) {
        saying.add(DropReason.WRITE_ERROR, lost.untoldRecords(), null);
      }
      long refused = lost.acks().stream().distinct().filter(ack -> !ack.hasFailed()).count();
      if (refused > 0) {
        saying.add(DropReason.REQUESTS_REFUSED, refused, null);
      }
      lost.acks().forEach(ack -> tellFailed(ack, failure.cause()));
    }
    booked.awake().forEach(RoomWait::over);
  }

  /** A stream's records may end in the middle of what was appended at once. */
  private void tellFailed(Ack ack, IOException cause) {
    if (ack instanceof StreamAppend append && sink instanceof StreamSink streams) {
      PipeStream stream = append.stream();
      stream.listener().written(streams.lastSeq(stream.id()));
    }
    ack.failed(cause);
  }

  /**
   * Says in the sink what was dropped, if anything was. Each line is a write of its own, so that
   * none is said twice when only some can be written.
   */
  private Drained.@Nullable Later sayDrops(@Nullable LoopDrains loop) {
    saying.count(statistics);
    while (!saying.isEmpty()) {
      DropReason reason = saying.first();
      long count = saying.count(reason);
      ByteBuffer line = ownLines.render(reason, count);
      WriteResult result = write(new ByteBuffer[] {line}, null, loop);
      if (result.bytes() > 0) { // a result ends on a line, so this is all of it
        saying.said(reason, statistics).forEach(Ack::written);
        ownLines.written(reason, count);
      } else if (result instanceof WriteResult.TryLater later) {
        return new Drained.Later(later.delay());
      } else if (result instanceof WriteResult.Failed failure) {
        saying.withdrawOwed().forEach(ack -> ack.failed(failure.cause()));
        break;
      }
    }
    Duration syncDue = sink.syncDue();
    if (syncDue != null) {
      if (syncPlanned.compareAndSet(false, true)) {
        pipe.syncLater(() -> syncPlanned.set(false), syncDue);
      }
    }
    return null;
  }
}
