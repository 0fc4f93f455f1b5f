package org.vmlog.realm.dbus;

import java.time.Duration;
import org.freedesktop.dbus.connections.impl.DBusConnection;

/**
 * A broker that is there. Immutable.
 *
 * @param uniqueName its name on the bus, which no later broker has
 */
record Broker(DBusConnection bus, String uniqueName) {

  /**
   * Calls of this one alone: a bus that may start a broker is not asked to.
   *
   * @param patience how long to wait for an answer
   */
  BrokerCalls calls(Duration patience) {
    return new BrokerCalls(bus, uniqueName, patience);
  }
}
