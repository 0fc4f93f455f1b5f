package org.vmlog.realm.dbus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusClient;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusException;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.Groups;
import org.vmlog.platform.Threads;
import org.vmlog.realm.SinkRequest;

/**
 * The sinks of one component, as its launcher has them from the broker: one at a path, which is
 * there again at the same path when the broker comes back, and as many connections as are asked
 * for. Thread-safe.
 */
public final class ComponentSinks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ComponentSinks.class);
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final String busAddress;
  private final SinkRequest component;
  private final int uid = Groups.ownUid();
  private final CompletableFuture<Path> path = new CompletableFuture<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Threads.named("vmlog-broker"));
  private final BusConnection bus;
  private volatile Optional<Broker> broker = Optional.empty();

  private ComponentSinks(String busAddress, SinkRequest component) {
    this.busAddress = busAddress;
    this.component = component;
    this.bus =
        new BusConnection(
            busAddress,
            Threads.named("vmlog-bus"),
            new BrokerFollower(BrokerInterface.REALMS, this::execute, this::changed));
  }

  /**
   * Asks the broker for the sink at a path.
   *
   * @param busAddress {@code system} or a D-Bus server address
   * @throws BusException if there is no bus or no broker, or it gives the component none
   */
  public static ComponentSinks open(String busAddress, SinkRequest component)
      throws BusException, InterruptedException {
    BusClient.connect(busAddress).close(); // which says what is wrong, and does not try again
    ComponentSinks sinks = new ComponentSinks(busAddress, component);
    sinks.bus.start();
    try {
      Path unused = sinks.awaitPath();
      return sinks;
    } catch (BusException | InterruptedException e) {
      sinks.close();
      throw e;
    }
  }

  private Path awaitPath() throws BusException, InterruptedException {
    try {
      return path.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new BusException(BusClient.NO_BUS, "D-Bus at " + busAddress + " does not answer");
    } catch (ExecutionException e) {
      throw (BusException) e.getCause();
    }
  }

  /** Where programs may connect as this component. */
  public Path path() {
    return path.join();
  }

  /**
   * A new connection.
   *
   * @return the client's end
   * @throws BusException if it cannot be had now
   */
  public Descriptor openSink() throws BusException {
    Broker asked =
        broker.orElseThrow(
            () ->
                new BusException(
                    BusException.UNKNOWN_SERVICE, "there is no broker of realms any more"));
    return asked.calls(PATIENCE).openSink(component);
  }

  private void changed(Optional<Broker> next) {
    broker = next;
    try {
      Broker asked =
          next.orElseThrow(
              () ->
                  new BusException(
                      BusException.UNKNOWN_SERVICE,
                      "nobody has the name "
                          + BrokerInterface.REALMS.interfaceName()
                          + " on D-Bus at "
                          + busAddress));
      Optional<Path> before =
          path.isDone() && !path.isCompletedExceptionally()
              ? Optional.of(path.join())
              : Optional.empty();
      boolean unused =
          path.complete(asked.calls(PATIENCE).provideSink(component, before, Optional.of(uid)));
    } catch (BusException e) {
      if (!path.completeExceptionally(e)) {
        LOG.warn(
            "programs cannot connect as {} for now: {}",
            component.component().id(),
            e.getMessage());
      }
    }
  }

  private void execute(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
    }
  }

  /** Gives the path back; connections go on. */
  @Override
  public void close() {
    bus.close();
    var unused = thread.shutdownNow();
  }
}
