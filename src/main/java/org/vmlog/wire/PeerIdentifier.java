package org.vmlog.wire;

import org.vmlog.identity.SourceIdentity;

/**
 * Decides who a peer is, when it is accepted and, if it has to wait, when the wait is over. Called
 * on an event loop; must not block.
 */
@FunctionalInterface
public interface PeerIdentifier {
  SourceIdentity identify(Peer peer);
}
