package org.vmlog.bus;

import java.time.Duration;
import java.util.Optional;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.jspecify.annotations.Nullable;
import org.vmlog.platform.Descriptor;

/**
 * Somebody on a bus whose methods are called. Immutable; a call waits for its answer.
 *
 * @param name its unique name, for that connection alone; or a well-known one, for whoever has it
 *     then, and the bus may start somebody for it
 */
public record BusPeer(DBusConnection bus, String name) {
  /** What names begin with that the bus gives out, each to one connection. */
  private static final String UNIQUE = ":";

  /**
   * Calls a method.
   *
   * @param patience how long to wait for the answer
   * @param signature the types of the arguments; empty if there are none
   * @return the values of the answer
   * @throws BusException if the answer is an error, or there is none in time
   */
  public Object[] call(
      Duration patience,
      String path,
      String interfaceName,
      String member,
      String signature,
      Object... arguments)
      throws BusException {
    try {
      Message answer =
          BusCall.call(bus, name, path, interfaceName, patience, member, signature, arguments);
      return values(answer);
    } catch (DBusException | DBusExecutionException e) {
      throw new BusException(BusException.NO_REPLY, String.valueOf(e.getMessage()));
    }
  }

  /** The descriptor that came with an answer, once; the caller closes it. */
  public static Optional<Descriptor> take(DBusConnection bus, FileDescriptor handle) {
    @Nullable Descriptor taken = BusTransport.of(bus).take(handle.getIntFileDescriptor());
    return Optional.ofNullable(taken);
  }

  /** What an answer to a call holds; dbus-daemon lets nobody else answer, and others might. */
  Object[] values(Message answer) throws BusException, DBusException {
    if (name.startsWith(UNIQUE) && !(name.equals(answer.getSource()) || isOfBus(answer))) {
      throw new BusException(
          BusException.DENIED, "%s has answered for %s".formatted(answer.getSource(), name));
    }
    if (answer instanceof Error error) {
      throw new BusException(error.getName(), BusCall.text(error));
    }
    return Optional.ofNullable(answer.getParameters()).orElse(new Object[0]);
  }

  /** An error by which the bus, or dbus-java, says that there will be no answer. */
  private static boolean isOfBus(Message answer) {
    String source = answer.getSource();
    return answer instanceof Error && (source == null || source.equals(BusCall.BUS));
  }
}
