package org.vmlog.bus;

import java.time.Duration;
import java.util.Optional;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.connections.BusAddress;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.vmlog.platform.Descriptor;

/**
 * A connection to a bus for a program that calls somebody and ends: it is made once, and not again
 * when it is lost. Confined to one thread.
 */
public final class BusClient implements AutoCloseable {
  /** The name of the error that there is no bus. */
  public static final String NO_BUS = "org.freedesktop.DBus.Error.NoServer";

  /** The name of the error that the bus does not let this user in. */
  public static final String NOT_LET_IN = "org.freedesktop.DBus.Error.AuthFailed";

  private final BusSession session;

  private BusClient(BusSession session) {
    this.session = session;
  }

  /**
   * Connects.
   *
   * @param address {@code system} or a D-Bus server address
   * @throws BusException {@link #NO_BUS} or {@link #NOT_LET_IN}
   * @throws IllegalArgumentException if the address is malformed or no Unix socket's
   */
  public static BusClient connect(String address) throws BusException {
    BusConnection.quietLibrary();
    String failure = NO_BUS;
    String reason = "no address";
    for (BusAddress one : BusAddresses.parse(address, BusAddresses.ofSystemBus())) {
      try {
        return new BusClient(BusSession.open(one));
      } catch (BusSession.RefusedException e) {
        failure = NOT_LET_IN;
        reason = String.valueOf(e.getMessage());
      } catch (DBusException e) {
        reason = failure.equals(NO_BUS) ? String.valueOf(e.getMessage()) : reason;
      }
    }
    throw new BusException(failure, "D-Bus at " + address + ": " + reason);
  }

  /** What is called: an object of a service, and its interface. */
  public record Target(String service, String path, String interfaceName) {}

  /**
   * Calls a method and waits for its answer.
   *
   * @param patience how long; a service that is not running may be started by the bus first
   * @param signature the types of the arguments; empty if there are none
   * @return the values of the answer
   * @throws BusException if the answer is an error, or there is none in time
   */
  public Object[] call(
      Target target, Duration patience, String member, String signature, Object... arguments)
      throws BusException {
    return new BusPeer(bus(), target.service())
        .call(patience, target.path(), target.interfaceName(), member, signature, arguments);
  }

  /** The descriptor that came with an answer, once; the caller closes it. */
  public Optional<Descriptor> take(FileDescriptor handle) {
    return BusPeer.take(bus(), handle);
  }

  /** Returns when the connection is no more. May be called on another thread. */
  public void awaitLoss() throws InterruptedException {
    session.awaitLoss();
  }

  /** The connection, for {@link BusPeer}. */
  public DBusConnection bus() {
    return session.bus();
  }

  @Override
  public void close() {
    session.close();
  }
}
