package org.vmlog.bus;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.freedesktop.dbus.connections.BusAddress;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.Retry;

/**
 * A connection to a D-Bus bus that is made again whenever it is lost. A bus that is not there yet,
 * goes away or refuses us is tried again for as long as this is open, at least once a second.
 *
 * <p>What a {@link Client} installs lasts for one connection, so it is told of each. Signals are
 * handled one at a time in the order the bus sent them.
 *
 * <p>Thread-safe. The client is called on the connection's own thread, its handlers on dbus-java's
 * signal thread, which is a daemon thread as all of dbus-java's are.
 */
public final class BusConnection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BusConnection.class);

  private static final Duration FLOOR = Duration.ofMillis(50);
  private static final Duration CAP = Duration.ofSeconds(1);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

  /** What uses the bus. */
  public interface Client {
    /**
     * A connection is there, without any handler or name. To throw is to have it closed and made
     * again.
     */
    void onConnected(DBusConnection bus) throws DBusException;

    /** Several that share a connection, and are told of it in this order. */
    static Client all(List<? extends Client> clients) {
      List<Client> each = List.copyOf(clients);
      return bus -> {
        for (Client client : each) {
          client.onConnected(bus);
        }
      };
    }
  }

  private enum Trouble {
    ABSENT,
    REFUSED
  }

  /** Its lines repeat ours with stack traces, and any user of the bus can provoke them. */
  private static final java.util.logging.Logger LIBRARY_LOG =
      java.util.logging.Logger.getLogger("org.freedesktop.dbus");

  private final String name;
  private final List<BusAddress> addresses;
  private final Client client;
  private final Thread thread;
  private final CountDownLatch firstAttempt = new CountDownLatch(1);
  private volatile boolean closed;
  private @Nullable Trouble told;

  /**
   * @param address {@code system} or a D-Bus server address
   * @param threads makes the one thread that connects; it should be a daemon thread, for connecting
   *     can hang as long as the bus does
   * @throws IllegalArgumentException if the address is malformed or no Unix socket's
   */
  public BusConnection(String address, ThreadFactory threads, Client client) {
    this.name = address;
    this.addresses = BusAddresses.parse(address, BusAddresses.ofSystemBus());
    this.client = client;
    this.thread = threads.newThread(this::run);
    quietLibrary();
  }

  /** Has dbus-java say nothing, unless its level was set. */
  static void quietLibrary() {
    if (LIBRARY_LOG.getLevel() == null) {
      LIBRARY_LOG.setLevel(Level.OFF);
    }
  }

  /** Begins to connect, and does not wait for it. To be called once. */
  public void start() {
    thread.start();
  }

  /**
   * Waits until the first attempt to connect has succeeded or failed, or for so long. Who announces
   * itself as ready after this misses no signal of a bus that was there.
   */
  public void awaitFirstAttempt(Duration patience) {
    try {
      boolean made = firstAttempt.await(patience.toNanos(), TimeUnit.NANOSECONDS);
      LOG.debug("first attempt at D-Bus made: {}", made);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Disconnects. Handlers that run are waited for, for a while. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Retry retry = new Retry(FLOOR, CAP, new SplittableRandom());
    while (!closed) {
      long began = System.nanoTime();
      try {
        connectAndStay();
        // A bus that takes us and drops us at once is met as slowly as one that is not there.
        if (System.nanoTime() - began > CAP.toNanos()) {
          retry.succeeded();
        }
        TimeUnit.NANOSECONDS.sleep(retry.next().toNanos());
      } catch (InterruptedException e) {
        return; // only close() interrupts
      }
    }
  }

  private void connectAndStay() throws InterruptedException {
    try (BusSession session = open()) {
      client.onConnected(session.bus());
      tellConnected();
      firstAttempt.countDown();
      session.awaitLoss();
      tell(Trouble.ABSENT, "the connection to D-Bus at {} is lost; connecting again", name);
    } catch (DBusException | RuntimeException e) {
      tellFailure(e);
      firstAttempt.countDown();
    }
  }

  /** The first of the addresses that has us; a refusal says more than an absence. */
  private BusSession open() throws DBusException {
    DBusException failure = new DBusException("no address");
    for (BusAddress address : addresses) {
      try {
        return BusSession.open(address);
      } catch (DBusException e) {
        failure = failure instanceof BusSession.RefusedException ? failure : e;
      }
    }
    throw failure;
  }

  private void tellConnected() {
    LOG.info("D-Bus at {} is there", name);
    told = null;
  }

  private void tellFailure(Exception e) {
    String reason = e instanceof DBusException ? String.valueOf(e.getMessage()) : e.toString();
    if (e instanceof BusSession.RefusedException) {
      tell(
          Trouble.REFUSED,
          "D-Bus at {} does not let this user in ({}): its policy has to allow the user, and its"
              + " configuration EXTERNAL authentication; trying again",
          name,
          reason);
    } else {
      tell(Trouble.ABSENT, "D-Bus at {} cannot be used ({}); trying again", name, reason);
    }
  }

  /** One line for each kind of trouble, until it is over. */
  private void tell(Trouble trouble, String format, Object... arguments) {
    if (told != trouble && !closed) {
      told = trouble;
      LOG.warn(format, arguments);
    }
  }
}
