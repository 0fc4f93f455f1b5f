package org.vmlog.forwarder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.config.PeerAddressRule;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.dbus.ConciergeSignals;
import org.vmlog.lifecycle.dbus.ForwarderService;
import org.vmlog.platform.BusConnection;

/**
 * The daemon's connection to D-Bus: whom it follows there, and what it offers. Confined to one
 * thread.
 */
final class HostBus implements AutoCloseable {
  /** A bus that is there answers in a fraction of this; one that hangs is not waited for. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Calls that wait for their turn; more are refused. */
  private static final int MAX_CALLS = 256;

  private final BusConnection connection;
  private final ExecutorService calls;

  private HostBus(BusConnection connection, ExecutorService calls) {
    this.connection = connection;
    this.calls = calls;
  }

  /** Begins to connect, and waits for a bus that is there; empty if D-Bus is off. */
  static Optional<HostBus> start(
      ForwarderConfig config,
      ForwarderService.Host host,
      LifecycleCounters counters,
      ScheduledExecutorService timer) {
    if (config.dbus().address().isEmpty()) {
      return Optional.empty();
    }
    List<BusConnection.Client> clients = new ArrayList<>();
    if (config.dbus().concierge()) {
      clients.add(new ConciergeSignals(host.lifecycle(), counters));
    }
    ExecutorService calls =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_CALLS),
            Threads.named("vmlog-calls"));
    // Last, for its name says that everything else is there.
    clients.add(
        ForwarderService.create(host, new PeerAddressRule(config.attribution()), calls, timer));
    BusConnection connection =
        new BusConnection(
            config.dbus().address().get(),
            Threads.named("vmlog-bus"),
            BusConnection.Client.all(clients));
    connection.start();
    connection.awaitFirstAttempt(PATIENCE);
    return Optional.of(new HostBus(connection, calls));
  }

  @Override
  public void close() {
    connection.close();
    calls.shutdownNow();
  }
}
