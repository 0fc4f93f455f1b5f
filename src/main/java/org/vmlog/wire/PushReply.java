package org.vmlog.wire;

/**
 * What the peer of one Push is told, and asked for. It is ended by {@link #ok}, {@link #refuse} or
 * {@link #goAway} once; what comes after that, or after the peer has gone, is in vain. Confined to
 * the connection's event loop.
 */
public interface PushReply extends Reply {
  /** Asks for the next message; nothing comes that was not asked for. */
  void next();

  /**
   * Sends a message. While the peer takes none they are not kept: the last one is sent when it
   * does.
   */
  void send(byte[] response);

  /** Ends the Push as one whose connection is about to be closed; nothing of it was refused. */
  void goAway();
}
