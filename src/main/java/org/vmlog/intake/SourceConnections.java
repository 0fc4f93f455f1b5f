package org.vmlog.intake;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.identity.SourceIdentity.Refused.Cause;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.metrics.CounterSnapshot;
import org.vmlog.platform.LimitedLog;
import org.vmlog.route.Route;
import org.vmlog.route.Router;
import org.vmlog.wire.Admission;
import org.vmlog.wire.Transport;

/**
 * Gives each connection the route of its source, for as long as it lives, whatever is spoken on it;
 * and closes those that belong to another generation. Thread-safe.
 */
final class SourceConnections {
  private static final LimitedLog REFUSED =
      LimitedLog.on(LoggerFactory.getLogger(SourceConnections.class));

  private static final LimitedLog UNKNOWN =
      LimitedLog.on(LoggerFactory.getLogger(SourceConnections.class));

  private static final LimitedLog EXCESS =
      LimitedLog.on(LoggerFactory.getLogger(SourceConnections.class));

  private final Router router;
  private final SourceRegistry registry;
  private final IntakeCounters counters;
  private final ConnectionLimits limits;
  private final OpenTransports transports = new OpenTransports();

  SourceConnections(
      Router router, SourceRegistry registry, ConnectionLimits limits, IntakeCounters counters) {
    this.router = router;
    this.registry = registry;
    this.limits = limits;
    this.counters = counters;
  }

  /** Who may have one more connection on which this is spoken. */
  Admission admission(Spoken spoken) {
    return new Admission() {
      @Override
      public boolean hasRoomFor(SourceIdentity source) {
        return limits.hasRoomFor(spoken, source);
      }

      @Override
      public boolean admit(SourceIdentity source) {
        boolean admitted = limits.admit(spoken, source);
        if (!admitted) {
          counters.excessConnections().increment();
          EXCESS.warn("closed a connection of {}: it has as many as it may", source);
        }
        return admitted;
      }

      @Override
      public void left(SourceIdentity source) {
        limits.left(spoken, source);
      }
    };
  }

  /** What a connection got: a route until it is closed, or the reason why it has none. */
  sealed interface Opening {
    /** It has. */
    record Opened(Route route, Closing onClosed) implements Opening {}

    /** It has not. */
    record Denied(String reason) implements Opening {}
  }

  /** To be run once when the connection is closed. */
  @FunctionalInterface
  interface Closing {
    void closed();
  }

  Opening open(SourceIdentity source, Spoken spoken, Transport transport) {
    try {
      if (source instanceof SourceIdentity.Vm vm) {
        return opened(router.open(vm.generation()), vm.generation(), spoken, transport);
      }
      if (source instanceof SourceIdentity.Anonymous guest) {
        return opened(router.open(guest), guest, spoken, transport);
      }
      if (source instanceof SourceIdentity.HostUser user) {
        return opened(router.open(user), null, spoken, transport);
      }
      if (source instanceof SourceIdentity.Component component) {
        return opened(router.open(component), null, spoken, transport);
      }
      return denied((SourceIdentity.Refused) source);
    } catch (IOException | IllegalArgumentException e) {
      // A VM whose name cannot be a file's is live for a moment, until it is withdrawn for that.
      String reason = String.valueOf(e.getMessage());
      return denied(new SourceIdentity.Refused(Cause.UNUSABLE_NAME, reason));
    }
  }

  /**
   * Opens a connection.
   *
   * @param key what its closing may be asked for by; null if it never is
   */
  private Opening opened(Route route, @Nullable Object key, Spoken spoken, Transport transport) {
    if (key != null) {
      transports.add(key, transport);
    }
    if (key instanceof Generation vm && !registry.isLive(vm)) {
      // It stopped between accept and now, and whoever hung up its connections has missed this.
      transport.close();
    } else if (key instanceof SourceIdentity.Anonymous guest) {
      checkUnknown(guest, transport);
    }
    counters.connections().increment();
    String word = CounterSnapshot.word(spoken);
    route.statistics().connectionOpened(word);
    return new Opening.Opened(
        route,
        () -> {
          route.statistics().connectionClosed(word);
          router.release(route);
          if (key != null) {
            transports.remove(key, transport);
          }
        });
  }

  private void checkUnknown(SourceIdentity.Anonymous guest, Transport transport) {
    if (registry.byCid(guest.cid()).isPresent()) {
      // It was announced between accept and now, and the announcement has missed this.
      transport.close();
    } else if (guest.cid() != 0) {
      counters.anonymousConnections().increment();
      UNKNOWN.info("a guest with CID {} logs, and nobody has announced it", guest.cid());
    }
  }

  private Opening denied(SourceIdentity.Refused peer) {
    counters.refusedConnections().of(peer.cause()).increment();
    REFUSED.warn("refused a connection: {}", peer.reason());
    return new Opening.Denied(peer.reason());
  }

  void announced(Generation vm) {
    vm.cids().forEach(cid -> transports.closeAll(new SourceIdentity.Anonymous(cid)));
  }

  void hangUp(Generation vm) {
    transports.closeAll(vm);
  }
}
