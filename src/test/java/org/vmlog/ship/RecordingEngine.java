package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An engine in memory: keeps each line under its id, and answers when and as the test says.
 * Thread-safe.
 */
final class RecordingEngine implements Engine {
  private final RecordIds ids = new RecordIds("host-1");
  private final Map<String, List<String>> arrived = new LinkedHashMap<>(); // guarded by this
  private final Deque<Consumer<Outcome>> waiting = new ArrayDeque<>(); // guarded by this
  private final List<Gap> gaps = new ArrayList<>(); // guarded by this
  private EngineState state = EngineState.READY; // guarded by this
  private int maxBytes = Integer.MAX_VALUE; // guarded by this
  private boolean atOnce = true; // guarded by this
  private int sent; // guarded by this

  /** Whether each shipment is acknowledged as it comes. */
  synchronized void atOnce(boolean value) {
    atOnce = value;
  }

  synchronized void takes(int bytes) {
    maxBytes = bytes;
  }

  synchronized void state(EngineState value) {
    state = value;
  }

  /** What arrived, by the ids, in the order in which it came first. */
  synchronized Map<String, List<String>> arrived() {
    return new LinkedHashMap<>(arrived);
  }

  /** The lines of one VM, each once, in the order in which they came first. */
  synchronized List<String> lines(String vm) {
    return arrived.entrySet().stream()
        .filter(record -> record.getKey().startsWith("host-1/" + SinkLogs.OWNER + "/" + vm + "/"))
        .map(record -> record.getValue().get(0))
        .toList();
  }

  synchronized List<Gap> gaps() {
    return List.copyOf(gaps);
  }

  synchronized int sent() {
    return sent;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** Answers the shipment that waits longest, if one does. */
  void answer(Outcome outcome) {
    Consumer<Outcome> first;
    synchronized (this) {
      first = waiting.poll();
    }
    if (first != null) {
      first.accept(outcome);
    }
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public synchronized EngineState state() {
    return state;
  }

  @Override
  public void send(Shipment shipment, Consumer<Outcome> outcome) {
    Outcome now = take(shipment, outcome);
    if (now != null) {
      outcome.accept(now);
    }
  }

  private synchronized Outcome take(Shipment shipment, Consumer<Outcome> outcome) {
    sent++;
    if (shipment instanceof Gap gap) {
      gaps.add(gap);
    } else if (shipment instanceof Batch batch) {
      if (batch.length() > maxBytes) {
        return Outcome.TOO_LARGE;
      }
      String prefix = new String(ids.prefix(batch.source(), batch.file()), UTF_8);
      batch.forEach(
          (from, to) ->
              arrived
                  .computeIfAbsent(prefix + (batch.offset() + from), id -> new ArrayList<>())
                  .add(new String(batch.text(), from, to - from, UTF_8)));
    }
    if (atOnce) {
      return Outcome.ACKNOWLEDGED;
    }
    waiting.add(outcome);
    return null;
  }

  @Override
  public void close() {}
}
