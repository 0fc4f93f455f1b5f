package org.vmlog.wire;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Pairs every transport with the {@link LogConnection} that serves it, so that a call finds its
 * connection in its attributes. Confined to each connection's event loop, but for {@link
 * #goingAway}, which any thread may call.
 */
final class Connections extends ServerTransportFilter {
  static final Attributes.Key<LogConnection> CONNECTION =
      Attributes.Key.create("org.vmlog.connection");

  static final Attributes.Key<InboundWatch> WATCH = Attributes.Key.create("org.vmlog.watch");

  private final LogService service;
  private final Set<PeerAddress> open = ConcurrentHashMap.newKeySet();

  Connections(LogService service) {
    this.service = service;
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    if (attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof PeerAddress peer) {
      open.add(peer);
      return attributes.toBuilder()
          .set(CONNECTION, service.connected(peer.source(), peer))
          .set(WATCH, new InboundWatch(peer))
          .build();
    }
    throw new IllegalStateException("a connection that came through no door");
  }

  @Override
  public void transportTerminated(@Nullable Attributes attributes) {
    if (attributes == null) {
      return;
    }
    if (attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof PeerAddress peer) {
      open.remove(peer);
    }
    InboundWatch watch = attributes.get(WATCH);
    if (watch != null) {
      watch.stop();
    }
    LogConnection connection = attributes.get(CONNECTION);
    if (connection != null) {
      connection.closed();
    }
  }

  /** Has the Pushes of all connections ended; a connection that is made from now on has none. */
  void goingAway() {
    open.forEach(peer -> peer.execute(peer.pushes()::goingAway));
  }
}
