package org.vmlog.realm.dbus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusPeer;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.Descriptor;
import org.vmlog.realm.ListenerKind;
import org.vmlog.realm.SinkRequest;

/** Calls of a broker over a connection to the bus; each waits for its answer. Thread-safe. */
final class BrokerCalls {
  private final DBusConnection bus;
  private final String busName;
  private final Duration patience;

  /**
   * Calls whoever has this name.
   *
   * @param busName a unique name; empty for each interface's own
   */
  BrokerCalls(DBusConnection bus, String busName, Duration patience) {
    this.bus = bus;
    this.busName = busName;
    this.patience = patience;
  }

  /** Takes a realm's listener; empty if somebody else has it. */
  Optional<Descriptor> take(ListenerKind kind, RealmPath realm) throws BusException {
    return switch (kind) {
      case EVENTS ->
          call(
              BrokerInterface.EVENT_SOURCE,
              "TakeStaticEventStream",
              answer -> Optional.of(descriptor(answer[0])),
              "s",
              "/" + realm);
      case LOG_CONNECTIONS ->
          call(
              BrokerInterface.LOG_CONNECTOR,
              "TakeLogConnectionListener",
              this::listener,
              "as",
              (Object) labels(realm));
    };
  }

  private Optional<Descriptor> listener(Object[] answer) {
    boolean taken = (Boolean) answer[0];
    return taken ? Optional.of(descriptor(((List<?>) answer[1]).get(0))) : Optional.empty();
  }

  /** The client's end of a sink. */
  Descriptor openSink(SinkRequest request) throws BusException {
    return call(
        BrokerInterface.REALMS,
        "OpenLogSink",
        answer -> descriptor(answer[0]),
        "asa{sv}",
        labels(request.component().id().realm()),
        identity(request));
  }

  /**
   * Has the broker listen for a component, for as long as this connection to the bus lasts.
   *
   * @param wanted where; empty leaves it to the broker
   * @param uid who alone may connect
   * @return where
   */
  Path provideSink(SinkRequest request, Optional<Path> wanted, Optional<Integer> uid)
      throws BusException {
    Map<String, Variant<?>> identity = identity(request);
    uid.ifPresent(
        user -> identity.put("uid", new Variant<>(new UInt32(Integer.toUnsignedLong(user)))));
    identity.put("lease", new Variant<>(true));
    return call(
        BrokerInterface.REALMS,
        "ProvideLogSink",
        answer -> Path.of((String) answer[0]),
        "asa{sv}s",
        labels(request.component().id().realm()),
        identity,
        wanted.map(Path::toString).orElse(""));
  }

  /** Makes a realm, for as long as this connection to the bus lasts. */
  void createRealm(RealmPath realm) throws BusException {
    Map<String, Variant<?>> options = Map.of("lease", new Variant<>(true));
    boolean unused =
        call(
            BrokerInterface.REALMS,
            "CreateRealm",
            answer -> true,
            "assa{sv}",
            labels(realm.parent()),
            realm.label(),
            options);
  }

  /** Calls a method, and takes from its answer what is wanted. */
  private <T> T call(
      BrokerInterface of,
      String member,
      Function<Object[], T> read,
      String signature,
      Object... arguments)
      throws BusException {
    String name = busName.isEmpty() ? of.interfaceName() : busName;
    try {
      return read.apply(
          new BusPeer(bus, name)
              .call(patience, of.path(), of.interfaceName(), member, signature, arguments));
    } catch (RuntimeException e) { // whoever has the name may answer what it likes
      throw new BusException(
          BusException.FAILED, member + " was not answered as agreed on (" + e + ")");
    }
  }

  private static Map<String, Variant<?>> identity(SinkRequest request) {
    Component component = request.component();
    Map<String, Variant<?>> identity = new LinkedHashMap<>();
    identity.put("name", new Variant<>(component.id().name()));
    identity.put("url", new Variant<>(component.url()));
    identity.put("instance_id", new Variant<>(component.instanceId()));
    identity.put("use_log_sink", new Variant<>(request.used()));
    identity.put("any_realm", new Variant<>(request.anyRealm()));
    return identity;
  }

  private static String[] labels(RealmPath realm) {
    return realm.labels().toArray(String[]::new);
  }

  private Descriptor descriptor(Object handle) {
    return BusPeer.take(bus, (FileDescriptor) handle).orElseThrow();
  }
}
