package org.vmlog.realm.dbus;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.vmlog.bus.BusCaller;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusLeases;
import org.vmlog.bus.BusRequest;
import org.vmlog.bus.NamedValues;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.realm.BrokerCounters;
import org.vmlog.realm.ForeignPath;
import org.vmlog.realm.RealmBroker;
import org.vmlog.realm.RealmStatus;
import org.vmlog.realm.SinkRequest;

/** The methods of {@code org.vmlog.Realms1}: read on the calls' thread, done on the broker's. */
final class RealmMethods {
  private final RealmBroker broker;
  private final BusLeases leases;

  RealmMethods(RealmBroker broker, SelectorLoop loop) {
    this.broker = broker;
    this.leases = new BusLeases(List::of, lease -> loop.execute(() -> broker.endLease(lease)));
  }

  BusLeases leases() {
    return leases;
  }

  Map<String, BrokerObject.Method> all() {
    return Map.of(
        "CreateRealm", this::createRealm,
        "DestroyRealm", this::destroyRealm,
        "OpenLogSink", this::openLogSink,
        "ProvideLogSink", this::provideLogSink,
        "RevokeLogSink", this::revokeLogSink,
        "ListRealms", this::listRealms,
        "GetCounters", this::getCounters);
  }

  private BrokerObject.Work createRealm(BusRequest request) throws BusException {
    Object[] arguments = request.arguments("assa{sv}");
    RealmPath path = Arguments.child(Arguments.realm(arguments[0]), (String) arguments[1]);
    NamedValues options = NamedValues.of(arguments[2]);
    Optional<ForeignPath> ownSink =
        foreignPath(request, "log_sink", options.take("log_sink", "s", String.class).orElse(""));
    boolean leasing = options.take("lease", "b", Boolean.class).orElse(false);
    options.requireAllTaken();
    Optional<String> lease = lease(request, leasing);
    return () -> {
      broker.createRealm(path, ownSink, lease);
      endIfGone(lease);
      request.reply();
    };
  }

  private BrokerObject.Work destroyRealm(BusRequest request) throws BusException {
    RealmPath realm = Arguments.realm(request.arguments("as")[0]);
    return () -> {
      broker.destroyRealm(realm);
      request.reply();
    };
  }

  private BrokerObject.Work openLogSink(BusRequest request) throws BusException {
    Object[] arguments = request.arguments("asa{sv}");
    SinkRequest sink = Arguments.sink(Arguments.realm(arguments[0]), NamedValues.of(arguments[1]));
    return () -> give(request, broker.openSink(sink));
  }

  static void give(BusRequest request, Descriptor descriptor) throws BusException {
    try {
      request.reply(List.of(descriptor), "h", BusRequest.handle(descriptor));
    } catch (IOException e) {
      throw new BusException(BusErrors.FAILED, e.toString());
    }
  }

  private BrokerObject.Work provideLogSink(BusRequest request) throws BusException {
    Object[] arguments = request.arguments("asa{sv}s");
    NamedValues identity = NamedValues.of(arguments[1]);
    boolean leasing = identity.take("lease", "b", Boolean.class).orElse(false);
    Optional<Long> uid = identity.take("uid", "u", UInt32.class).map(UInt32::longValue);
    SinkRequest sink = Arguments.sink(Arguments.realm(arguments[0]), identity);
    Optional<ForeignPath> wanted = foreignPath(request, "socket_path", (String) arguments[2]);
    Optional<String> lease = lease(request, leasing);
    return () -> {
      Path provided = broker.provideSink(sink, wanted, lease, uid);
      endIfGone(lease);
      request.reply("s", provided.toString());
    };
  }

  private BrokerObject.Work revokeLogSink(BusRequest request) throws BusException {
    Path path =
        Arguments.path("socket_path", (String) request.arguments("s")[0])
            .orElseThrow(
                () -> new BusException(BusErrors.INVALID_ARGUMENT, "socket_path is empty"));
    return () -> {
      broker.revokeSink(path);
      request.reply();
    };
  }

  private BrokerObject.Work listRealms(BusRequest request) throws BusException {
    Object[] unused = request.arguments("");
    return () -> {
      List<Map<String, Variant<?>>> realms = new ArrayList<>();
      for (RealmStatus status : broker.status()) {
        realms.add(described(status));
      }
      request.reply("aa{sv}", realms);
    };
  }

  private static Map<String, Variant<?>> described(RealmStatus status) {
    Map<String, Variant<?>> realm = new LinkedHashMap<>();
    realm.put("realm", new Variant<>(status.path().labels().toArray(String[]::new), "as"));
    realm.put("log_sink", new Variant<>(status.ownSink()));
    status
        .listeners()
        .forEach(
            (kind, listener) -> {
              realm.put(kind.word() + "_taken", new Variant<>(listener.taken()));
              realm.put(kind.word() + "_waiting", new Variant<>(new UInt32(listener.waiting())));
            });
    return realm;
  }

  private BrokerObject.Work getCounters(BusRequest request) throws BusException {
    Object[] unused = request.arguments("");
    BrokerCounters counters = broker.counters();
    return () ->
        request.reply(
            "a{st}",
            Map.of(
                "connections_handed_over", new UInt64(counters.handedOver().value()),
                "connections_to_own_sinks", new UInt64(counters.ownSinks().value()),
                "connections_refused", new UInt64(counters.refused().value())));
  }

  /** Called on the calls' thread, since it asks the bus. */
  private static Optional<ForeignPath> foreignPath(BusRequest request, String what, String text)
      throws BusException {
    Optional<Path> path = Arguments.path(what, text);
    if (path.isEmpty()) {
      return Optional.empty();
    }
    int uid = BusCaller.of(request.bus(), request.sender()).uid();
    return Optional.of(new ForeignPath(path.get(), uid));
  }

  /** Called on the calls' thread, since it asks the bus. */
  private Optional<String> lease(BusRequest request, boolean wanted) throws BusException {
    return wanted ? Optional.of(leases.grant(request.bus(), request.sender())) : Optional.empty();
  }

  /** A caller that has gone since it asked was not heard of by what it has been given. */
  private void endIfGone(Optional<String> lease) {
    if (lease.isPresent() && !leases.stands(lease.get())) {
      broker.endLease(lease.get());
    }
  }
}
