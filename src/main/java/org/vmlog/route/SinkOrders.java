package org.vmlog.route;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.sink.LineSink;

/**
 * What a sink is to do besides writing. However often one thing is asked for before a writer gets
 * to it, it is done once. Guarded by the pipe's lock, but for what was taken.
 */
final class SinkOrders {
  private static final Logger LOG = LoggerFactory.getLogger(SinkOrders.class);

  /** In the order in which they are carried out. */
  enum Order {
    REOPEN,
    SYNC,
    ROTATE,
    /** Nothing: it tells when a writer has got so far. */
    ARRIVE
  }

  /** An order on its way to the sink, which the writer carries out. */
  record Taken(Order order, CompletableFuture<Void> done) {
    void carryOut(LineSink sink) {
      try {
        switch (order) {
          case REOPEN -> sink.reopen();
          case SYNC -> sink.sync();
          case ROTATE -> sink.rotate();
          case ARRIVE -> {}
        }
        done.complete(null);
      } catch (IOException e) {
        done.completeExceptionally(e);
      } catch (RuntimeException e) {
        LOG.error("to {} failed", order, e); // a bug of the sink's
        done.completeExceptionally(e);
      }
    }
  }

  private final Map<Order, CompletableFuture<Void>> wanted = new EnumMap<>(Order.class);

  boolean isEmpty() {
    return wanted.isEmpty();
  }

  /** Asks for something; the answer completes, on the writer, when it has been done. */
  CompletableFuture<Void> add(Order order) {
    return wanted.computeIfAbsent(order, first -> new CompletableFuture<>());
  }

  List<Taken> take() {
    if (wanted.isEmpty()) {
      return List.of();
    }
    List<Taken> taken =
        wanted.entrySet().stream().map(one -> new Taken(one.getKey(), one.getValue())).toList();
    wanted.clear();
    return taken;
  }
}
