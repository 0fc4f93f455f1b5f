package org.vmlog.bus;

import java.time.Duration;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;

/** Calls of a method, answered by a message or not in time. Thread-safe. */
final class BusCall {
  static final String BUS = "org.freedesktop.DBus";

  private static final Duration BUS_PATIENCE = Duration.ofSeconds(10);

  private BusCall() {}

  /** Calls a method of the bus itself. */
  static Message call(
      DBusConnection bus, String busInterface, String member, String signature, Object... arguments)
      throws DBusException {
    return call(
        bus,
        BUS,
        "/org/freedesktop/DBus",
        busInterface,
        BUS_PATIENCE,
        member,
        signature,
        arguments);
  }

  /**
   * Calls a method.
   *
   * @param signature the types of the arguments; empty if there are none
   * @return the reply, which may be an error
   * @throws DBusException if there was none in time
   */
  static Message call(
      DBusConnection bus,
      String service,
      String path,
      String interfaceName,
      Duration patience,
      String member,
      String signature,
      Object... arguments)
      throws DBusException {
    MethodCall call =
        bus.getMessageFactory()
            .createMethodCall(
                null,
                service,
                path,
                interfaceName,
                member,
                (byte) 0,
                signature.isEmpty() ? null : signature,
                arguments);
    BusTransport transport = BusTransport.of(bus);
    transport.await(call.getSerial());
    Message reply = null;
    try {
      bus.sendMessage(call);
      reply = call.getReply(patience.toMillis());
    } finally {
      transport.end(call.getSerial(), reply != null);
    }
    if (reply == null) {
      throw new DBusException("no reply to %s in %s ms".formatted(member, patience.toMillis()));
    }
    return reply;
  }

  /** The sentence that an error has for people, or its name if it has none. */
  static String text(Message error) throws DBusException {
    Object[] parameters = error.getParameters();
    return parameters != null && parameters.length > 0 && parameters[0] instanceof String text
        ? text
        : error.getName();
  }
}
