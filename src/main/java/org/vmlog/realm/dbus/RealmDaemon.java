package org.vmlog.realm.dbus;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.vmlog.bus.BusConnection;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.Threads;
import org.vmlog.realm.BrokerLimits;
import org.vmlog.realm.RealmBroker;
import org.vmlog.realm.SinkFolder;

/**
 * The broker of realms, put together: its thread, its connection to the bus, its sockets. Started
 * and closed by one thread.
 */
public final class RealmDaemon implements AutoCloseable {
  /** A bus that is there answers in a fraction of this; one that hangs is not waited for. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Calls that wait for their turn; more are refused. */
  private static final int MAX_CALLS = 1024;

  private final SelectorLoop loop;
  private final ExecutorService calls;
  private final BusConnection bus;

  private RealmDaemon(SelectorLoop loop, ExecutorService calls, BusConnection bus) {
    this.loop = loop;
    this.calls = calls;
    this.bus = bus;
  }

  /**
   * Starts it, and waits for a bus that is there.
   *
   * @param busAddress {@code system} or a D-Bus address
   * @param groups whose members may call, besides root and this process's user
   */
  public static RealmDaemon start(
      String busAddress, List<String> groups, SinkFolder sinks, BrokerLimits limits)
      throws IOException {
    CompletableFuture<RealmBroker> made = new CompletableFuture<>();
    SelectorLoop loop =
        SelectorLoop.start(Threads.named("vmlog-realms"), () -> made.join().close());
    RealmBroker broker = new RealmBroker(limits, sinks, loop, InstantSource.system());
    made.complete(broker);
    ExecutorService calls =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_CALLS),
            Threads.named("vmlog-calls"));
    BusConnection bus =
        new BusConnection(
            busAddress,
            Threads.named("vmlog-bus"),
            BrokerService.create(broker, loop, groups, calls));
    bus.start();
    bus.awaitFirstAttempt(PATIENCE);
    return new RealmDaemon(loop, calls, bus);
  }

  /** Has a manager that keeps a watchdog hear, from now on, that the thread of the realms runs. */
  public void showLife(ServiceManager manager) {
    manager
        .watchdogInterval()
        .ifPresent(interval -> loop.execute(() -> beat(manager, interval.dividedBy(2))));
  }

  private void beat(ServiceManager manager, Duration pause) {
    manager.alive();
    loop.executeAfter(pause, () -> beat(manager, pause));
  }

  /** Leaves the bus and ends all listening; connections that were handed over go on. */
  @Override
  public void close() {
    bus.close();
    calls.shutdownNow();
    loop.close();
  }
}
