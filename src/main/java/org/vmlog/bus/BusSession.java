package org.vmlog.bus;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.freedesktop.dbus.connections.BusAddress;
import org.freedesktop.dbus.connections.IDisconnectCallback;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.connections.transports.AbstractTransport;
import org.freedesktop.dbus.exceptions.AuthenticationException;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.SocketClosedException;
import org.freedesktop.dbus.messages.Error;
import org.jspecify.annotations.Nullable;

/** One connection to a bus, from its Hello to its loss. Confined to the thread that opens it. */
final class BusSession implements AutoCloseable {
  private static final long PROBE_SECONDS = 30;

  private final DBusConnection bus;
  private final LossListener loss;

  private BusSession(DBusConnection bus, LossListener loss) {
    this.bus = bus;
    this.loss = loss;
  }

  /**
   * Connects and says Hello. Blocks for as long as the bus lets it wait.
   *
   * @throws RefusedException if the bus is there but will not have this process
   * @throws DBusException if there is no bus
   */
  static BusSession open(BusAddress address) throws DBusException {
    LossListener loss = new LossListener();
    BusSession session = new BusSession(connect(address, loss), loss);
    try {
      session.bus.register();
      return session;
    } catch (DBusException | RuntimeException e) {
      session.close();
      throw new RefusedException(reason(e), e);
    }
  }

  private static DBusConnection connect(BusAddress address, LossListener loss)
      throws DBusException {
    AtomicReference<@Nullable AbstractTransport> transport = new AtomicReference<>();
    try {
      return DBusConnectionBuilder.forAddress(BusTransportProvider.address(address))
          .withShared(false)
          .withDisconnectCallback(loss)
          .receivingThreadConfig()
          .withSignalThreadCount(1) // keeps the bus's order
          .connectionConfig()
          .transportConfig()
          .withTimeout(1) // one attempt: to try again is the caller's
          .withRegisterSelf(false) // a Hello that failed in build() would leave it connected
          .withPreConnectCallback(transport::set)
          .back()
          .build();
    } catch (DBusException | RuntimeException e) {
      close(transport.get());
      boolean refused =
          e.getCause() instanceof AuthenticationException
              || e.getCause() instanceof SocketClosedException;
      throw refused ? new RefusedException(reason(e), e) : new DBusException(reason(e), e);
    }
  }

  /** dbus-java forgets the socket of an attempt that failed, and one is made every second. */
  private static void close(@Nullable AbstractTransport transport) {
    if (transport != null) {
      try {
        transport.close();
      } catch (IOException e) {
        // Closing is all that can be done with it.
      }
    }
  }

  private static String reason(Exception e) {
    Throwable cause = e.getCause() != null ? e.getCause() : e;
    return cause.getMessage() != null ? cause.getMessage() : cause.toString();
  }

  DBusConnection bus() {
    return bus;
  }

  /**
   * Returns when the connection is no more. The bus is asked for a sign of life from time to time,
   * because dbus-java's reader can die of a message it cannot take and leave the socket open.
   */
  void awaitLoss() throws InterruptedException {
    boolean lost;
    do {
      lost = loss.lost.await(PROBE_SECONDS, TimeUnit.SECONDS) || !isAlive();
    } while (!lost);
  }

  /**
   * Whether the bus answers, to a call that every policy allows: a Ping is refused by that of
   * Debian's system bus. An error may be dbus-java's own.
   */
  boolean isAlive() {
    try {
      return !(BusCall.call(bus, BusCall.BUS, "GetId", "") instanceof Error);
    } catch (DBusException | RuntimeException e) {
      return false;
    }
  }

  /** Waits for the handlers of the signals that are in already, then disconnects. */
  @Override
  public void close() {
    bus.disconnect();
  }

  /** The bus is there and will not have this process. */
  static final class RefusedException extends DBusException {
    private static final long serialVersionUID = 1;

    private RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Called by dbus-java's reader. Thread-safe. */
  private static final class LossListener implements IDisconnectCallback {
    private static final long HOLD_MILLIS = 1000;

    private final CountDownLatch lost = new CountDownLatch(1);

    /**
     * The bus closed its end. If its reader went on from here, dbus-java would throw away the
     * signals that are queued. {@link BusSession#close} on another thread lets them be handled and
     * interrupts the reader when it is done, so the reader is held until then.
     */
    @Override
    public void clientDisconnect() {
      lost.countDown();
      try {
        TimeUnit.MILLISECONDS.sleep(HOLD_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void disconnectOnError(IOException e) {
      lost.countDown();
    }
  }
}
