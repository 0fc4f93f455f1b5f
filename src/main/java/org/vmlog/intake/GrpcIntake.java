package org.vmlog.intake;

import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceIdentity.Refused.Cause;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.platform.LimitedLog;
import org.vmlog.route.Route;
import org.vmlog.route.Router;
import org.vmlog.wire.LogConnection;
import org.vmlog.wire.LogService;
import org.vmlog.wire.Transport;

/** Gives each connection the route of its source, for as long as it lives. Thread-safe. */
public final class GrpcIntake implements LogService {
  private static final LimitedLog REFUSED =
      LimitedLog.on(LoggerFactory.getLogger(GrpcIntake.class));

  private static final LimitedLog UNKNOWN =
      LimitedLog.on(LoggerFactory.getLogger(GrpcIntake.class));

  private static final LimitedLog EXCESS = LimitedLog.on(LoggerFactory.getLogger(GrpcIntake.class));

  private final RequestJob.Context context;
  private final Router router;
  private final SourceRegistry registry;
  private final IntakeCounters counters;
  private final ConnectionLimits connections;
  private final OpenTransports transports = new OpenTransports();

  /**
   * How much may come at once.
   *
   * @param maxRecords how many records one request may hold
   * @param connectionsPerSource of each VM and each user of this host
   * @param connectionsNameless of all anonymous and refused peers together
   * @param connectionsThatFit into memory
   * @param descriptors that the process may have open; connections leave files what they need
   */
  public record Limits(
      int maxRecords,
      int connectionsPerSource,
      int connectionsNameless,
      int connectionsThatFit,
      int descriptors) {}

  /**
   * Makes an intake without connections.
   *
   * @param limits how much a peer may open and send at once
   */
  public GrpcIntake(
      Router router,
      SourceRegistry registry,
      Limits limits,
      InstantSource clock,
      ScheduledExecutorService timer,
      IntakeCounters counters) {
    this.router = router;
    this.registry = registry;
    this.counters = counters;
    this.context =
        new RequestJob.Context(
            ThreadLocal.withInitial(Rendering::new),
            clock,
            timer,
            counters.ackTimes(),
            limits.maxRecords());
    this.connections =
        new ConnectionLimits(
            limits.connectionsPerSource(),
            limits.connectionsNameless(),
            limits.connectionsThatFit(),
            limits.descriptors(),
            () -> registry.live().size());
  }

  @Override
  public boolean hasRoomFor(SourceIdentity source) {
    return connections.hasRoomFor(source);
  }

  @Override
  public boolean admit(SourceIdentity source) {
    boolean admitted = connections.admit(source);
    if (!admitted) {
      counters.excessConnections().increment();
      EXCESS.warn("closed a connection of {}: it has as many as it may", source);
    }
    return admitted;
  }

  @Override
  public void left(SourceIdentity source) {
    connections.left(source);
  }

  @Override
  public LogConnection connected(SourceIdentity source, Transport transport) {
    try {
      if (source instanceof SourceIdentity.Vm vm) {
        return connected(vm.generation(), transport);
      }
      if (source instanceof SourceIdentity.Anonymous guest) {
        return connected(guest, transport);
      }
      if (source instanceof SourceIdentity.HostUser user) {
        return connection(router.open(user), transport, () -> {});
      }
      if (source instanceof SourceIdentity.Component component) {
        return connection(router.open(component), transport, () -> {});
      }
      return refused((SourceIdentity.Refused) source);
    } catch (IOException | IllegalArgumentException e) {
      // A VM whose name cannot be a file's is live for a moment, until it is withdrawn for that.
      String reason = String.valueOf(e.getMessage());
      return refused(new SourceIdentity.Refused(Cause.UNUSABLE_NAME, reason));
    }
  }

  private LogConnection connected(Generation vm, Transport transport) throws IOException {
    Route route = router.open(vm);
    transports.add(vm, transport);
    if (!registry.isLive(vm)) {
      // It stopped between accept and now, and whoever hung up its connections has missed this.
      transport.close();
    }
    return connection(route, transport, () -> transports.remove(vm, transport));
  }

  private LogConnection connected(SourceIdentity.Anonymous guest, Transport transport) {
    Route route = router.open(guest);
    transports.add(guest, transport);
    if (registry.byCid(guest.cid()).isPresent()) {
      // It was announced between accept and now, and the announcement has missed this.
      transport.close();
    } else if (guest.cid() != 0) {
      counters.anonymousConnections().increment();
      UNKNOWN.info("a guest with CID {} logs, and nobody has announced it", guest.cid());
    }
    return connection(route, transport, () -> transports.remove(guest, transport));
  }

  private LogConnection connection(Route route, Transport transport, Runnable onClosed) {
    counters.connections().increment();
    return new SourceConnection(
        context, router, route, transport, counters.refusedRequests(), onClosed);
  }

  private LogConnection refused(SourceIdentity.Refused peer) {
    counters.refusedConnections().of(peer.cause()).increment();
    REFUSED.warn("refused a connection: {}", peer.reason());
    return new RefusedConnection(peer.reason(), counters.refusedRequests());
  }

  /**
   * Closes the connections that this VM opened before anybody knew it: a guest keeps one connection
   * for as long as it can, and its next one is the VM's. What they have handed in is still written,
   * where they said it.
   */
  public void announced(Generation vm) {
    vm.cids().forEach(cid -> transports.closeAll(new SourceIdentity.Anonymous(cid)));
  }

  /** Closes the connections of a VM that has stopped; what they have handed in is still written. */
  public void hangUp(Generation vm) {
    transports.closeAll(vm);
  }
}
