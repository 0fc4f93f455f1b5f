package org.vmlog.realm.dbus;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.freedesktop.dbus.FileDescriptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusRequest;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Descriptor;
import org.vmlog.realm.ListenerKind;
import org.vmlog.realm.RealmBroker;

/**
 * The methods of {@code org.vmlog.LogConnector1} and {@code org.vmlog.EventSource1}: read on the
 * calls' thread, done on the broker's.
 */
final class ListenerMethods {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerMethods.class);

  private final RealmBroker broker;

  ListenerMethods(RealmBroker broker) {
    this.broker = broker;
  }

  Map<String, BrokerObject.Method> ofLogConnector() {
    return Map.of("TakeLogConnectionListener", this::takeLogConnectionListener);
  }

  Map<String, BrokerObject.Method> ofEventSource() {
    return Map.of(
        "Subscribe", this::subscribe, "TakeStaticEventStream", this::takeStaticEventStream);
  }

  /** A listener that is taken is no error: {@code (false, [])}. */
  private BrokerObject.Work takeLogConnectionListener(BusRequest request) throws BusException {
    RealmPath realm = Arguments.realm(request.arguments("as")[0]);
    return () -> {
      Optional<Descriptor> listener = broker.take(realm, ListenerKind.LOG_CONNECTIONS);
      if (listener.isEmpty()) {
        request.reply("bah", false, new FileDescriptor[0]);
        return;
      }
      LOG.info("{} has taken the connections of realm /{}", request.sender(), realm);
      Descriptor given = listener.get();
      try {
        request.reply(List.of(given), "bah", true, new FileDescriptor[] {BusRequest.handle(given)});
      } catch (IOException e) {
        throw new BusException(BusErrors.FAILED, e.toString());
      }
    };
  }

  private BrokerObject.Work subscribe(BusRequest request) throws BusException {
    Object[] arguments = request.arguments("saa{sv}");
    RealmPath realm = Arguments.realmOf((String) arguments[0]);
    Predicate<ComponentId> wants = Arguments.subscriptions((List<?>) arguments[1]);
    return () -> {
      Descriptor stream = broker.subscribe(realm, wants);
      LOG.info("{} has subscribed to events of realm /{}", request.sender(), realm);
      RealmMethods.give(request, stream);
    };
  }

  private BrokerObject.Work takeStaticEventStream(BusRequest request) throws BusException {
    RealmPath realm = Arguments.realmOf((String) request.arguments("s")[0]);
    return () -> {
      Descriptor stream =
          broker
              .take(realm, ListenerKind.EVENTS)
              .orElseThrow(
                  () ->
                      new BusException(
                          BusErrors.CLAIMED,
                          "the events of realm /" + realm + " are taken already"));
      LOG.info("{} has taken the events of realm /{}", request.sender(), realm);
      RealmMethods.give(request, stream);
    };
  }
}
