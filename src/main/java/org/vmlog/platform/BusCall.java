package org.vmlog.platform;

import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;

/** Calls of the bus itself, answered by a message or not in time. Thread-safe. */
final class BusCall {
  static final String BUS = "org.freedesktop.DBus";

  private static final long REPLY_MILLIS = 10_000;

  private BusCall() {}

  /**
   * Calls a method whose arguments are strings.
   *
   * @return the reply, which may be an error
   * @throws DBusException if there was none in time
   */
  static Message call(DBusConnection bus, String busInterface, String member, String... arguments)
      throws DBusException {
    MethodCall call =
        bus.getMessageFactory()
            .createMethodCall(
                null,
                BUS,
                "/org/freedesktop/DBus",
                busInterface,
                member,
                (byte) 0,
                arguments.length == 0 ? null : "s".repeat(arguments.length),
                (Object[]) arguments);
    bus.sendMessage(call);
    Message reply = call.getReply(REPLY_MILLIS);
    if (reply == null) {
      throw new DBusException("no reply to %s in %d ms".formatted(member, REPLY_MILLIS));
    }
    return reply;
  }
}
