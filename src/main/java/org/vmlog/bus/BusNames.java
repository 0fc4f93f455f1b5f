package org.vmlog.bus;

import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;

/** What the bus says of itself and of the names on it. Waits for the bus. Thread-safe. */
public final class BusNames {
  /** The bus's own name, and its interface's. */
  public static final String BUS = BusCall.BUS;

  private BusNames() {}

  /** What tells this run of a bus from any other (GetId). */
  public static String busId(DBusConnection bus) throws DBusException {
    return (String) value(BusCall.call(bus, BUS, "GetId", ""));
  }

  /** Whether somebody has this name now; of a unique name, whether the connection is there. */
  public static boolean hasOwner(DBusConnection bus, String name) throws DBusException {
    return (Boolean) value(BusCall.call(bus, BUS, "NameHasOwner", "s", name));
  }

  private static Object value(Message reply) throws DBusException {
    if (reply instanceof Error) {
      throw new DBusException(reply.getName() + ": " + BusCall.text(reply));
    }
    return reply.getParameters()[0];
  }
}
