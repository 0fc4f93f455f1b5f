package org.vmlog.wire;

import java.time.Duration;
import org.vmlog.identity.SourceIdentity;

/** gRPC: its one server has the connections, by the hub. Thread-safe. */
final class GrpcProtocol extends Protocol {
  private static final Duration UNLIMITED = Duration.ofDays(1);

  private final HubChannel hub;
  private final LogService service;

  GrpcProtocol(HubChannel hub, LogService service) {
    this.hub = hub;
    this.service = service;
  }

  /** Its peers wait for their answer and keep what they have said until it comes. */
  @Override
  Duration maxHold() {
    return UNLIMITED;
  }

  @Override
  void serve(PeerChannel connection, SourceIdentity source) {
    hub.adopt(connection, source, service);
  }
}
