package org.vmlog.guest;

import java.io.IOException;
import java.nio.channels.Selector;

/** Sockets as sources: each is read when something waits. Confined to the sockets' thread. */
interface SocketSource {
  /** Asks the selector to tell when something waits; the source is the key's attachment. */
  void register(Selector selector) throws IOException;

  /**
   * Takes what waits, a turn of it, so that others have theirs.
   *
   * @return whether more may wait
   */
  boolean read() throws IOException;

  /** Lets go of the socket. */
  void close() throws IOException;
}
