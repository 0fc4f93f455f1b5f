package org.vmlog.wire;

/** One connection, as far as those who serve it may handle it. Thread-safe. */
public interface Transport {
  /** Runs a task on the connection's event loop, unless the server has ended; it must not block. */
  void execute(Runnable task);

  /** Closes the connection: calls that have begun may end, new ones find another connection. */
  void close();
}
