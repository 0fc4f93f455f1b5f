package org.vmlog.route;

import java.time.Duration;

/** What a drain of a pipe leaves to be done by whoever drained it. */
sealed interface Drained {
  Drained IDLE = new Idle();
  Drained AGAIN = new Again();
  Drained CLOSED = new Closed();

  /** Nothing waits; the next append hands the pipe over again. */
  record Idle() implements Drained {}

  /** More waits already. */
  record Again() implements Drained {}

  /** Nothing waits and nothing more is taken; the sink is to be closed. */
  record Closed() implements Drained {}

  /** The sink takes no more for now. */
  record Later(Duration delay) implements Drained {}
}
