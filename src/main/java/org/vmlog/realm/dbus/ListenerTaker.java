package org.vmlog.realm.dbus;

import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusException;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.Retry;
import org.vmlog.realm.ListenerKind;
import org.vmlog.realm.RealmListener;

/**
 * Takes a realm's listener of one kind from the broker, and takes it again whenever it is to be
 * had: when the broker comes back, and when whoever had it has gone. What was taken outlives the
 * bus.
 *
 * <p>A broker may answer late, or never. So the call waits without a limit, on a thread of its own:
 * an answer that nobody waits for any more would leave the listener taken and unread.
 *
 * <p>Thread-safe.
 */
public final class ListenerTaker implements BusConnection.Client, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerTaker.class);

  private static final Duration WITHOUT_LIMIT = Duration.ofDays(365);

  /** When to ask again for what somebody else had, or what could not be had. */
  private static final Duration FLOOR = Duration.ofMillis(250);

  private static final Duration CAP = Duration.ofSeconds(2);

  private final ListenerKind kind;
  private final RealmPath realm;
  private final RealmListener listener;
  private final ScheduledExecutorService thread;
  private final BrokerFollower follower;

  // Confined to the thread.
  private Optional<Broker> broker = Optional.empty();
  private final Retry retry = new Retry(FLOOR, CAP, new SplittableRandom());
  private boolean held;
  private long heldSince;
  private String told = "";

  /**
   * Makes a taker that knows no bus.
   *
   * @param listener reads what is taken
   * @param threads makes the thread that waits for answers
   */
  public ListenerTaker(
      ListenerKind kind, RealmPath realm, RealmListener listener, ThreadFactory threads) {
    this.kind = kind;
    this.realm = realm;
    this.listener = listener;
    this.thread = new ScheduledThreadPoolExecutor(1, threads);
    this.follower = new BrokerFollower(BrokerInterface.of(kind), this::execute, this::changed);
  }

  @Override
  public void onConnected(DBusConnection bus) throws DBusException {
    follower.onConnected(bus);
  }

  private void changed(Optional<Broker> next) {
    broker = next;
    told = "";
    attempt();
  }

  private void attempt() {
    if (held || broker.isEmpty()) {
      return;
    }
    Broker asked = broker.get();
    try {
      Optional<Descriptor> taken = asked.calls(WITHOUT_LIMIT).take(kind, realm);
      if (taken.isPresent()) {
        held = true;
        heldSince = System.nanoTime();
        listener.read(kind, taken.get(), () -> execute(() -> ended(asked)));
        LOG.info("listening to the broker of realms ({})", shown());
        return;
      }
      tell("somebody else listens to the broker of realms (" + shown() + "); waiting for it");
    } catch (BusException e) {
      tell("cannot listen to the broker of realms (" + shown() + "): " + e.getMessage());
    }
    attemptLater(asked);
  }

  private void ended(Broker giver) {
    held = false;
    if (System.nanoTime() - heldSince > CAP.toNanos()) {
      retry.succeeded(); // it was of use for a while
    }
    LOG.info("the broker of realms has ended ({})", shown());
    if (broker.isPresent() && broker.get().equals(giver)) {
      attemptLater(giver); // not at once: what it gives next may end as soon
    } else {
      attempt();
    }
  }

  private void attemptLater(Broker asked) {
    try {
      var unused =
          thread.schedule(
              () -> {
                if (broker.isPresent() && broker.get().equals(asked)) {
                  attempt();
                }
              },
              retry.next().toNanos(),
              TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
    }
  }

  /** Once for each reason and broker. */
  private void tell(String text) {
    if (!text.equals(told)) {
      told = text;
      LOG.warn("{}", text);
    }
  }

  private String shown() {
    return kind.word() + " of realm /" + realm;
  }

  private void execute(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
    }
  }

  /** Takes nothing any more; what was taken is its listener's. */
  @Override
  public void close() {
    var unused = thread.shutdownNow();
  }
}
