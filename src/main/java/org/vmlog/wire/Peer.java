package org.vmlog.wire;

import java.net.InetAddress;

/** What the kernel tells of the other end of a connection. */
public sealed interface Peer {

  /**
   * A guest.
   *
   * @param cid its context id, unsigned 32 bit
   */
  record Vsock(long cid) implements Peer {}

  /** A host on the network. */
  record Tcp(InetAddress address) implements Peer {}

  /** A process of this host, by its credentials when it connected (SO_PEERCRED, unix(7)). */
  record Unix(int pid, int uid, int gid) implements Peer {}

  /**
   * Whoever it was that a connection was handed over for: the kernel is not asked, since of a pair
   * of sockets it knows nothing but who made it.
   */
  record HandedOver() implements Peer {}
}
