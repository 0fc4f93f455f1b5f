package org.vmlog.forwarder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.vmlog.bus.BusConnection;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.config.PeerAddressRule;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.dbus.ConciergeVms;
import org.vmlog.lifecycle.dbus.FollowedVms;
import org.vmlog.lifecycle.dbus.ForwarderService;
import org.vmlog.platform.Threads;

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
  private final Optional<ConciergeVms> concierge;
  private final List<FollowedVms> followed;
  private final ExecutorService calls;

  private HostBus(
      BusConnection connection,
      Optional<ConciergeVms> concierge,
      List<FollowedVms> followed,
      ExecutorService calls) {
    this.connection = connection;
    this.concierge = concierge;
    this.followed = followed;
    this.calls = calls;
  }

  /**
   * Begins to connect, and waits for a bus that is there; empty if D-Bus is off.
   *
   * @param owners whose VMs concierge is asked for
   * @param listeners what follows the bus besides
   */
  static Optional<HostBus> start(
      ForwarderConfig config,
      ForwarderService.Host host,
      Supplier<? extends Collection<String>> owners,
      List<? extends BusConnection.Client> listeners,
      LifecycleCounters counters,
      ScheduledExecutorService timer) {
    if (config.dbus().address().isEmpty()) {
      return Optional.empty();
    }
    Optional<ConciergeVms> concierge = Optional.empty();
    if (config.dbus().concierge()) {
      concierge =
          Optional.of(
              new ConciergeVms(
                  host.lifecycle()::apply,
                  owners,
                  Executors.newSingleThreadExecutor(Threads.named("vmlog-concierge")),
                  counters));
    }
    List<BusConnection.Client> clients = new ArrayList<>();
    concierge.ifPresent(clients::add);
    List<FollowedVms> followed = new ArrayList<>();
    if (config.dbus().machined()) {
      followed.add(FollowedVms.ofMachined(host.lifecycle(), thread("vmlog-machined"), counters));
    }
    if (config.dbus().libvirt()) {
      followed.add(FollowedVms.ofLibvirt(host.lifecycle(), thread("vmlog-libvirt"), counters));
    }
    clients.addAll(followed);
    clients.addAll(listeners);
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
    concierge.ifPresent(vms -> vms.awaitListed(PATIENCE));
    return Optional.of(new HostBus(connection, concierge, followed, calls));
  }

  private static ScheduledExecutorService thread(String name) {
    return Threads.timer(name);
  }

  @Override
  public void close() {
    connection.close();
    concierge.ifPresent(ConciergeVms::close);
    followed.forEach(FollowedVms::close);
    calls.shutdownNow();
  }
}
