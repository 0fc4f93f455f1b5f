package org.vmlog.lifecycle.dbus;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.jspecify.annotations.Nullable;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.NameOwner;
import org.vmlog.bus.SignalLine;
import org.vmlog.identity.Change;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmEvent;

/**
 * The VMs of ChromeOS's concierge: what it signals and, whenever one appears on the bus, what it
 * lists.
 *
 * <p>Thread-safe. Events come out on the bus connection's signal thread, and concierge is asked on
 * the thread it is given.
 */
public final class ConciergeVms implements BusConnection.Client, AutoCloseable {
  private final Function<VmEvent, CompletableFuture<Change>> events;
  private final Supplier<? extends Collection<String>> owners;
  private final ExecutorService asking;
  private final LifecycleCounters counters;
  private volatile @Nullable Reconciliation current;

  /**
   * Prepares to follow concierge.
   *
   * @param events takes what it says, in order
   * @param owners whose VMs to ask for; may take its time
   * @param asking a thread of its own, which waits for concierge
   */
  public ConciergeVms(
      Function<VmEvent, CompletableFuture<Change>> events,
      Supplier<? extends Collection<String>> owners,
      ExecutorService asking,
      LifecycleCounters counters) {
    this.events = events;
    this.owners = owners;
    this.asking = asking;
    this.counters = counters;
  }

  /** Nothing is asked before the signals are followed, so that nothing falls in between. */
  @Override
  public void onConnected(DBusConnection bus) throws DBusException {
    SignalLine line = SignalLine.of(bus);
    Reconciliation reconciliation = new Reconciliation(bus, line, events, owners, asking, counters);
    NameOwner concierge = NameOwner.follow(bus, Concierge.NAME, reconciliation::ownerChanged);
    new ConciergeSignals(reconciliation::signalled, counters).follow(bus, concierge);
    current = reconciliation;
    line.add(() -> reconciliation.begin(concierge));
  }

  /**
   * Waits until the concierge that was there when the bus was connected to has listed its VMs and
   * they are live, or for so long. Does not wait when there is no bus.
   */
  public void awaitListed(Duration patience) {
    Reconciliation reconciliation = current;
    if (reconciliation == null) {
      return;
    }
    try {
      reconciliation.done().get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // It may still come; nobody depends on it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks no more. */
  @Override
  public void close() {
    asking.shutdownNow();
  }
}
