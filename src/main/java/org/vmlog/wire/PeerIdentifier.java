package org.vmlog.wire;

import org.vmlog.identity.SourceIdentity;

/** Decides at accept who a peer is. Called on an event loop; must not block. */
@FunctionalInterface
public interface PeerIdentifier {
  SourceIdentity identify(Peer peer);
}
