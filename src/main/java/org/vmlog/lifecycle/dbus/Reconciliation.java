package org.vmlog.lifecycle.dbus;

import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusPeer;
import org.vmlog.bus.NameOwner;
import org.vmlog.bus.SignalLine;
import org.vmlog.identity.Change;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.platform.LimitedLog;

/**
 * Holds what is known of concierge's VMs against what each new concierge lists, on one connection
 * to the bus.
 *
 * <p>A list is as old as its journey, and concierge need not list a VM whose start it has just
 * signalled. So a VM that this concierge has signalled anything about since it was first seen is
 * left alone by its lists. Which is older can be told, because everything happens in line with the
 * signals: an answer takes effect after all signals that were sent before it.
 *
 * <p>Confined to the connection's signal thread, except for {@link #ask}.
 */
final class Reconciliation {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
  private static final LimitedLog FAILED = LimitedLog.on(LOG);

  /** Concierge starts a VM before it looks at the next call. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final DBusConnection bus;
  private final SignalLine line;
  private final Function<VmEvent, CompletableFuture<Change>> events;
  private final Supplier<? extends Collection<String>> owners;
  private final ExecutorService asking;
  private final LifecycleCounters counters;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private @Nullable NameOwner concierge;

  /** Null when all lists of this concierge are in. */
  private @Nullable ConciergeNews news = new ConciergeNews();

  private @Nullable Round round;
  private Future<?> asked = CompletableFuture.completedFuture(null);
  private CompletableFuture<?> applied = CompletableFuture.completedFuture(null);

  /** The lists of one concierge, by its unique name. */
  private record Round(String concierge, ConciergeNews news) {}

  Reconciliation(
      DBusConnection bus,
      SignalLine line,
      Function<VmEvent, CompletableFuture<Change>> events,
      Supplier<? extends Collection<String>> owners,
      ExecutorService asking,
      LifecycleCounters counters) {
    this.bus = bus;
    this.line = line;
    this.events = events;
    this.owners = owners;
    this.asking = asking;
    this.counters = counters;
  }

  /** Completes when the first concierge's VMs are live, or there is none; from any thread. */
  CompletableFuture<Void> done() {
    return done;
  }

  /** Its signals are followed from before this on. */
  void begin(NameOwner concierge) {
    this.concierge = concierge;
    reconcile(concierge, Objects.requireNonNullElseGet(news, ConciergeNews::new));
  }

  /** There is another concierge, or none; what an earlier one lists is of no interest now. */
  void ownerChanged() {
    asked.cancel(true);
    round = null;
    news = new ConciergeNews();
    if (concierge != null) {
      reconcile(concierge, news);
    }
  }

  private void reconcile(NameOwner concierge, ConciergeNews news) {
    Optional<String> owner = concierge.owner();
    if (owner.isEmpty()) {
      done.complete(null);
      return;
    }
    Round begun = new Round(owner.get(), news);
    try {
      asked = asking.submit(() -> ask(begun));
      round = begun;
    } catch (RejectedExecutionException e) {
      done.complete(null); // closing
    }
  }

  /** Concierge has signalled a start or a stop. */
  void signalled(VmEvent event) {
    if (news != null && event instanceof VmEvent.Started started) {
      news.add(started);
    } else if (news != null && event instanceof VmEvent.Stopped stopped) {
      news.add(stopped);
    } else if (news != null && event instanceof VmEvent.CidStopped stopped) {
      news.add(stopped);
    }
    var unused = events.apply(event);
  }

  /** Runs on the thread for asking: one question after the other, until one gets no answer. */
  private void ask(Round round) {
    try {
      for (String owner : owners.get()) {
        ask(round, owner);
      }
    } catch (BusException | DBusException | RuntimeException e) {
      if (!Thread.currentThread().isInterrupted()) {
        failed(e);
      }
    }
    try {
      line.add(() -> end(round));
    } catch (DBusException e) {
      done.complete(null); // the connection is lost, and the next one begins anew
    }
  }

  private void ask(Round round, String owner) throws BusException, DBusException {
    List<VmSpec> vms;
    try {
      vms = VmListing.ask(new BusPeer(bus, round.concierge()), owner, PATIENCE);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      failed(e);
      return;
    }
    line.add(() -> listed(round, owner, vms));
  }

  private void failed(Exception e) {
    counters.failedLists().increment();
    FAILED.warn("a list of concierge's VMs is left out: {}", String.valueOf(e.getMessage()));
  }

  @SuppressWarnings("ReferenceEquality") // two rounds with one concierge are two
  private void listed(Round asked, String owner, List<VmSpec> vms) {
    if (asked == round) {
      counters.lists().increment();
      applied =
          events.apply(
              new VmEvent.Listed(CONCIERGE, Optional.of(owner), vms, asked.news().asOf(vms)));
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private void end(Round ended) {
    if (ended == round) {
      round = null;
      news = null; // there would be no end of them
      var unused = applied.whenComplete((change, failure) -> done.complete(null));
    }
  }
}
