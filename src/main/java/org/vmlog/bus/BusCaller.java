package org.vmlog.bus;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.types.Variant;

/**
 * Which user is behind a connection to the bus. The bus asked the kernel when the connection was
 * made (SO_PEERCRED and SO_PEERGROUPS, unix(7)). Immutable.
 *
 * @param uid an unsigned 32 bit number
 * @param gids all of the process's groups; none where the bus does not tell
 */
public record BusCaller(int uid, Set<Integer> gids) {
  public BusCaller {
    gids = Set.copyOf(gids);
  }

  /**
   * Asks the bus.
   *
   * @param name the connection's unique name
   * @throws BusException if the bus does not tell, as when the connection has gone
   */
  public static BusCaller of(DBusConnection bus, String name) throws BusException {
    try {
      Message reply = BusCall.call(bus, BusCall.BUS, "GetConnectionCredentials", "s", name);
      if (reply instanceof Error) {
        throw unknown(name, BusCall.text(reply));
      }
      Map<?, ?> credentials = (Map<?, ?>) reply.getParameters()[0];
      Object uid = value(credentials, "UnixUserID");
      if (uid instanceof Number number) {
        return new BusCaller(number.intValue(), gids(value(credentials, "UnixGroupIDs")));
      }
      throw unknown(name, "no user");
    } catch (DBusException e) {
      throw unknown(name, String.valueOf(e.getMessage()));
    }
  }

  private static BusException unknown(String name, String why) {
    return new BusException(
        BusException.DENIED, "the bus does not tell which user " + name + " is: " + why);
  }

  private static Object value(Map<?, ?> credentials, String key) {
    return credentials.get(key) instanceof Variant<?> variant ? variant.getValue() : "";
  }

  private static Set<Integer> gids(Object value) {
    Set<Integer> gids = new HashSet<>();
    if (value instanceof Collection<?> each) {
      each.forEach(gid -> gids.add(((Number) gid).intValue()));
    }
    return gids;
  }
}
