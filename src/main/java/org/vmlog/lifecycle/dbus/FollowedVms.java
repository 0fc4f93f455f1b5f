package org.vmlog.lifecycle.dbus;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.constants.MessageTypes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusPeer;
import org.vmlog.bus.NameOwner;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.lifecycle.dbus.VmService.Running;
import org.vmlog.platform.LimitedLog;

/**
 * The VMs of a service that keeps track of them. A signal of it says where to look, and not what is
 * there: what counts is what it answers when it is asked then, which can only be newer. So a signal
 * that is missed, or comes twice, or about what a list has told already, does no harm.
 *
 * <p>Thread-safe. Signals come on the bus connection's thread; asking, and telling what was
 * learned, is the asking thread's alone.
 */
public final class FollowedVms implements BusConnection.Client, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedVms.class);

  /** Two, so that a forger cannot silence what there is to say about the service itself. */
  private static final LimitedLog FORGED = LimitedLog.on(LOG);

  private static final LimitedLog MALFORMED = LimitedLog.on(LOG);

  /** By which a service says that what it has listed a moment ago is not there any more. */
  private static final Set<String> GONE =
      Set.of("org.freedesktop.machine1.NoSuchMachine", "org.freedesktop.DBus.Error.UnknownObject");

  private static final Duration RETRY = Duration.ofSeconds(10);

  /** The service on one connection to the bus. */
  private record Followed(DBusConnection bus, NameOwner owner) {}

  /** What there is to ask: for everything, or about some. */
  private record Question(Followed followed, boolean all, Set<String> paths) {}

  private final VmService service;
  private final Consumer<VmEvent> events;
  private final ScheduledExecutorService asking;
  private final LifecycleCounters counters;

  // The asking thread's.
  private final Map<String, Running> running = new HashMap<>();
  private boolean toldOfFailure;
  private boolean retryPlanned;

  // Guarded by this.
  private @Nullable Followed followed;
  private final Set<String> toLookAt = new HashSet<>();
  private boolean toList;
  private boolean underWay;

  FollowedVms(
      VmService service,
      Consumer<VmEvent> events,
      ScheduledExecutorService asking,
      LifecycleCounters counters) {
    this.service = service;
    this.events = events;
    this.asking = asking;
    this.counters = counters;
  }

  /**
   * The VMs of systemd-machined.
   *
   * @param asking one thread, which waits for the service
   */
  public static FollowedVms ofMachined(
      Consumer<VmEvent> events, ScheduledExecutorService asking, LifecycleCounters counters) {
    return new FollowedVms(new Machined(), events, asking, counters);
  }

  /** The VMs of libvirt's QEMU driver, as libvirt-dbus has them; see {@link #ofMachined}. */
  public static FollowedVms ofLibvirt(
      Consumer<VmEvent> events, ScheduledExecutorService asking, LifecycleCounters counters) {
    return new FollowedVms(new Libvirt(), events, asking, counters);
  }

  /** Nothing is asked before the signals are followed, so that nothing falls in between. */
  @Override
  public void onConnected(DBusConnection bus) throws DBusException {
    NameOwner owner = NameOwner.follow(bus, service.name(), this::wantList);
    for (String member : service.signals()) {
      bus.addGenericSigHandler(
          DBusMatchRuleBuilder.create()
              .withType(MessageTypes.SIGNAL)
              .withInterface(service.signalInterface())
              .withMember(member)
              .build(),
          signal -> handle(owner, signal));
    }
    synchronized (this) {
      followed = new Followed(bus, owner);
    }
    wantList();
  }

  private void handle(NameOwner owner, DBusSignal signal) {
    if (!owner.is(signal.getSource())) {
      counters.wrongSender().increment();
      FORGED.warn(
          "{} ignored: its sender {} does not own {}",
          signal.getName(),
          signal.getSource(),
          service.name());
      return;
    }
    try {
      String path = service.subject(signal);
      synchronized (this) {
        toLookAt.add(path);
      }
      begin();
    } catch (DBusException | RuntimeException e) {
      malformed(signal.getName(), e);
    }
  }

  private void malformed(String what, Exception e) {
    counters.malformed().increment();
    MALFORMED.warn("{} of {} ignored: {}", what, service.name(), String.valueOf(e.getMessage()));
  }

  private void wantList() {
    synchronized (this) {
      toList = true;
    }
    begin();
  }

  private void begin() {
    synchronized (this) {
      if (underWay) {
        return;
      }
      underWay = true;
    }
    schedule(this::askAll, Duration.ZERO);
  }

  private void schedule(Runnable task, Duration delay) {
    try {
      var unused = asking.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closing.
    }
  }

  private void askAll() {
    for (Question next = next(); next != null; next = next()) {
      ask(next);
    }
  }

  private synchronized @Nullable Question next() {
    if (followed == null || (!toList && toLookAt.isEmpty())) {
      underWay = false;
      return null;
    }
    Question next = new Question(followed, toList, Set.copyOf(toLookAt));
    toList = false;
    toLookAt.clear();
    return next;
  }

  private void ask(Question question) {
    Optional<String> owner = question.followed().owner().owner();
    if (owner.isEmpty() && !service.isToBeStarted()) {
      return; // There is a change to be heard of when it comes.
    }
    BusPeer peer = new BusPeer(question.followed().bus(), owner.orElse(service.name()));
    try {
      if (question.all()) {
        list(peer);
      } else {
        lookAt(peer, question.paths());
      }
      toldOfFailure = false;
    } catch (BusException | RuntimeException e) {
      counters.failedLists().increment();
      if (!toldOfFailure) {
        LOG.warn(
            "{} does not tell which VMs there are ({}); asking again",
            service.name(),
            e.getMessage());
        toldOfFailure = true;
      }
      retryLater();
    }
  }

  private void retryLater() {
    if (!retryPlanned) {
      retryPlanned = true;
      schedule(
          () -> {
            retryPlanned = false;
            wantList();
          },
          RETRY);
    }
  }

  /** Whoever is not there any more cannot be asked; then the list decides. */
  private void lookAt(BusPeer peer, Set<String> paths) throws BusException {
    for (String path : paths) {
      try {
        settle(path, service.look(peer, path));
      } catch (BusException e) {
        list(peer);
        return;
      } catch (IllegalArgumentException e) {
        malformed(path, e);
      }
    }
  }

  private void settle(String path, Optional<Running> now) {
    Running before = now.isPresent() ? running.put(path, now.get()) : running.remove(path);
    if (now.isPresent() && !now.get().equals(before)) {
      events.accept(new VmEvent.Started(service.claimant(), now.get().vm()));
    } else if (now.isEmpty() && before != null) {
      VmSpec gone = before.vm();
      events.accept(new VmEvent.Stopped(service.claimant(), gone.id(), gone.cid()));
    }
  }

  private void list(BusPeer peer) throws BusException {
    Map<String, Running> found = new HashMap<>();
    BusException failure = null;
    List<String> listed = service.list(peer);
    for (String path : listed) {
      try {
        service.look(peer, path).ifPresent(vm -> found.put(path, vm));
      } catch (BusException e) {
        failure = GONE.contains(e.name()) ? failure : e;
      } catch (IllegalArgumentException e) {
        malformed(path, e);
      }
    }
    if (failure != null) {
      settleListed(listed, found);
      throw failure; // so that it is asked again
    }
    counters.lists().increment();
    List<VmSpec> vms = found.values().stream().map(Running::vm).toList();
    events.accept(new VmEvent.Listed(service.claimant(), Optional.empty(), vms, Set.of()));
    startedAnew(found).forEach(vm -> events.accept(new VmEvent.Started(service.claimant(), vm)));
    running.clear();
    running.putAll(found);
  }

  /** One that is listed and could not be looked at goes on, whatever it is. */
  private void settleListed(List<String> listed, Map<String, Running> found) {
    found.forEach((path, vm) -> settle(path, Optional.of(vm)));
    Set<String> gone = new HashSet<>(running.keySet());
    gone.removeAll(listed);
    gone.forEach(path -> settle(path, Optional.empty()));
  }

  /** To a list, a VM that was started again is the one that it was. */
  private List<VmSpec> startedAnew(Map<String, Running> found) {
    return found.entrySet().stream()
        .filter(
            one -> {
              Running before = running.get(one.getKey());
              return before != null && !before.start().equals(one.getValue().start());
            })
        .map(one -> one.getValue().vm())
        .toList();
  }

  /** Asks no more. */
  @Override
  public void close() {
    asking.shutdownNow();
  }
}
