package org.vmlog.route;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vmlog.identity.Generation;
import org.vmlog.sink.WriteResult;

/** What waits in a pipe for its writer: lines, drops to be said, orders. Guarded by its lock. */
final class PipeContents {
  final PendingDrops drops = new PendingDrops();
  final SinkOrders orders = new SinkOrders();
  final Admission admission;
  private final Backlog backlog;
  private final StreamLedger streams;

  /** What is to be said when all that was taken before it is written. */
  private @Nullable Generation start;

  PipeContents(PipeMemory memory, StreamLedger streams, int maxBytes, @Nullable RateLimit rate) {
    this.streams = streams;
    this.backlog = new Backlog(memory, streams);
    this.admission = new Admission(backlog, maxBytes, rate);
  }

  int sizeBytes() {
    return backlog.sizeBytes();
  }

  boolean isEmpty() {
    return backlog.isEmpty() && drops.isEmpty() && isOnlyLines();
  }

  /** Whether nothing is to be done but to write, if anything is. */
  boolean isOnlyLines() {
    return orders.isEmpty() && !streams.isOpening() && start == null;
  }

  /** What comes from now on is of this start. Of starts that nobody has said yet, the last is. */
  void begin(Generation vm) {
    start = vm;
    backlog.fence();
  }

  /** Takes a start that can be said now, since all that was taken before it is written. */
  @Nullable Generation takeStart() {
    if (start == null || !backlog.isAtFence()) {
      return null;
    }
    Generation taken = start;
    start = null;
    backlog.liftFence();
    return taken;
  }

  /** Takes what is to be written now; what was dropped by now is to be said after it. */
  Backlog.Batch takeLines(PendingDrops saying) {
    Backlog.Batch batch = backlog.snapshot();
    saying.takeAll(drops);
    return batch;
  }

  /** Books a write's outcome; what is written is added to the counts. */
  PipeDrain.Booked book(Backlog.Batch batch, WriteResult result, SeverityCounts counts) {
    List<Ack> written = backlog.written(result.bytes(), counts);
    Backlog.Lost lost =
        result instanceof WriteResult.Failed ? backlog.lose(batch) : Backlog.NOTHING_LOST;
    backlog.dropDead();
    return new PipeDrain.Booked(written, lost, admission.awake());
  }
}
