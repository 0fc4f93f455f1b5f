package org.vmlog.ship.otlp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.vmlog.ship.Batch;
import org.vmlog.ship.Shipment;

/**
 * Tells a shipment that a receiver will never take from a receiver that takes nothing, where it
 * says the same of both. What is refused some times is sent in halves, which costs nothing. A
 * record that is refused some times alone is to blame if anything else was taken since it first
 * was. Thread-safe.
 */
final class Suspects {
  private static final int TRIES = 3;

  /** Those that are suspected longest are forgotten. */
  private static final int MAX_SOURCES = 1000;

  /** Who is to blame. */
  enum Verdict {
    /** Nobody knows yet. */
    OPEN,
    /** Halves will tell. */
    HALVE,
    SHIPMENT
  }

  private static final class Suspect {
    final long file;
    final long end;
    final long takenBefore;
    int tries;
    long aloneAt = -1;
    int alone;

    Suspect(long file, long end, long takenBefore) {
      this.file = file;
      this.end = end;
      this.takenBefore = takenBefore;
    }
  }

  @GuardedBy("this")
  private final Map<String, Suspect> suspects = new LinkedHashMap<>();

  @GuardedBy("this")
  private long taken;

  synchronized void taken(Shipment shipment) {
    taken++;
    Suspect suspect = suspects.get(shipment.source().path());
    if (suspect != null && (suspect.file != shipment.file() || end(shipment) >= suspect.end)) {
      suspects.remove(shipment.source().path());
    }
  }

  synchronized Verdict refused(Shipment shipment) {
    String source = shipment.source().path();
    Suspect suspect =
        suspects.computeIfAbsent(
            source, path -> new Suspect(shipment.file(), end(shipment), taken));
    if (suspects.size() > MAX_SOURCES) {
      suspects.remove(suspects.keySet().iterator().next());
    }
    boolean othersWereTaken = taken > suspect.takenBefore;
    suspect.tries++;
    if (shipment instanceof Batch batch && batch.count() > 1) {
      return suspect.tries < TRIES ? Verdict.OPEN : halve(othersWereTaken);
    }
    if (suspect.aloneAt != end(shipment)) {
      suspect.aloneAt = end(shipment);
      suspect.alone = 0;
    }
    suspect.alone++;
    if (suspect.alone < TRIES || !othersWereTaken) {
      return Verdict.OPEN;
    }
    suspects.remove(source); // the next needs proof of its own
    return Verdict.SHIPMENT;
  }

  private static Verdict halve(boolean othersWereTaken) {
    return othersWereTaken ? Verdict.SHIPMENT : Verdict.HALVE;
  }

  private static long end(Shipment shipment) {
    return shipment instanceof Batch batch ? batch.end() : 0;
  }
}
