package org.vmlog.ship.kafka;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.Consumer;
import org.vmlog.ship.Outcome;

/** The messages of one shipment: its outcome is the worst of theirs. Thread-safe. */
final class Parts {
  private final Consumer<Outcome> outcome;

  @GuardedBy("this")
  private int left;

  @GuardedBy("this")
  private Outcome worst = Outcome.ACKNOWLEDGED;

  Parts(int count, Consumer<Outcome> outcome) {
    this.left = count;
    this.outcome = outcome;
  }

  /** Whether that was the last. */
  synchronized boolean arrived(Outcome one) {
    if (worst != Outcome.RETRY && one != Outcome.ACKNOWLEDGED) {
      worst = one;
    }
    left--;
    return left == 0;
  }

  /** To be called once, after the last. */
  void tell() {
    outcome.accept(whole());
  }

  private synchronized Outcome whole() {
    return worst;
  }
}
