package org.vmlog.realm.dbus;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.vmlog.bus.BusAuthority;
import org.vmlog.bus.BusAuthority.Right;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusService;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.realm.RealmBroker;

/** Puts the broker's interfaces together. */
public final class BrokerService {
  private BrokerService() {}

  /**
   * The interfaces, to be put on a bus.
   *
   * @param broker used on the loop's thread alone
   * @param groups whose members may call, besides root and this process's user
   * @param calls as {@link BusService} has it
   */
  public static BusConnection.Client create(
      RealmBroker broker, SelectorLoop loop, List<String> groups, Executor calls) {
    BusAuthority authority = new BusAuthority();
    RealmMethods realms = new RealmMethods(broker, loop);
    ListenerMethods listeners = new ListenerMethods(broker);
    BrokerObject realmsObject =
        new BrokerObject(
            BrokerInterface.REALMS,
            realms.all(),
            authority,
            new Right("have components log under a name", groups),
            loop);
    Right listen = new Right("take the logs of components", groups);
    BrokerObject connector =
        new BrokerObject(
            BrokerInterface.LOG_CONNECTOR, listeners.ofLogConnector(), authority, listen, loop);
    BrokerObject events =
        new BrokerObject(
            BrokerInterface.EVENT_SOURCE, listeners.ofEventSource(), authority, listen, loop);
    // Leases first: whoever finds the name may ask for one.
    return BusConnection.Client.all(
        List.of(
            realms.leases(),
            service(BrokerInterface.LOG_CONNECTOR, connector, calls),
            service(BrokerInterface.EVENT_SOURCE, events, calls),
            service(BrokerInterface.REALMS, realmsObject, calls)));
  }

  private static BusService service(BrokerInterface of, BrokerObject object, Executor calls) {
    return new BusService(of.interfaceName(), Map.of(of.path(), object), calls);
  }
}
