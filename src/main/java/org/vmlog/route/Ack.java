package org.vmlog.route;

import java.io.IOException;

/**
 * Told what became of lines that a pipe took. Exactly one of the two is called, once for each
 * append, on the thread that drains the pipe, a writer's or an event loop's; it must be quick and
 * must not throw.
 */
public interface Ack {
  /** The lines stand in the sink. */
  void written();

  /** The lines do not stand in the sink, or only a prefix of whole lines does. */
  void failed(IOException cause);

  /**
   * Whether an earlier append of the same sender has failed. A request may be many appends, in more
   * than one write, and is refused once.
   */
  default boolean hasFailed() {
    return false;
  }
}
