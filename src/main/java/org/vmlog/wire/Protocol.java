package org.vmlog.wire;

import java.time.Duration;
import org.vmlog.identity.SourceIdentity;

/**
 * What is spoken behind a door. It has every connection that the door has accepted, from the moment
 * it is known whose it is. Thread-safe.
 */
public abstract class Protocol {
  Protocol() {}

  /**
   * How long a connection may wait unread for its guest to be announced, whatever the server's own
   * hold: some peers stop their machine's programs while nobody reads.
   */
  abstract Duration maxHold();

  /**
   * Has a connection read from now on as this source's, or closes it. Called on its door's event
   * loop, before the connection has a loop of its own; must not block.
   */
  abstract void serve(PeerChannel connection, SourceIdentity source);
}
