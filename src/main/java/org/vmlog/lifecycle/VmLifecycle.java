package org.vmlog.lifecycle;

import static org.vmlog.identity.Change.Refusal.FAILED;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Change;
import org.vmlog.identity.Claim;
import org.vmlog.identity.Generation;
import org.vmlog.identity.RegistryState;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/**
 * Applies what the sources of VMs say, in the order they say it, and tells the observer what came
 * of it. A VM whose observer fails is the only one harmed.
 *
 * <p>Thread-safe: every event is handed to the lifecycle thread, and no method waits for it; what
 * follows an answer of {@link #apply} should not run long there.
 */
public final class VmLifecycle implements Consumer<VmEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(VmLifecycle.class);

  private final SourceRegistry registry;
  private final VmObserver observer;
  private final Executor lifecycleThread;
  private final LifecycleCounters counters;
  private final VmMemory memory;

  /** A lifecycle that remembers nothing. */
  VmLifecycle(
      SourceRegistry registry,
      VmObserver observer,
      Executor lifecycleThread,
      LifecycleCounters counters) {
    this(registry, observer, lifecycleThread, counters, VmMemory.NONE);
  }

  /**
   * @param lifecycleThread runs one task at a time, in the order they were given; the only thread
   *     that changes the registry
   */
  public VmLifecycle(
      SourceRegistry registry,
      VmObserver observer,
      Executor lifecycleThread,
      LifecycleCounters counters,
      VmMemory memory) {
    this.registry = registry;
    this.observer = observer;
    this.lifecycleThread = lifecycleThread;
    this.counters = counters;
    this.memory = memory;
  }

  /**
   * Makes live what is configured, and what was live before a restart; to be called before any
   * event comes.
   *
   * @return completes when all of it is open, or refused
   */
  public CompletableFuture<Void> begin(List<VmSpec> configured, RegistryState past) {
    return CompletableFuture.runAsync(
        () -> {
          for (Change change : registry.begin(configured, past)) {
            var unused = settle(change);
          }
          var unused = memory.remember(registry.state());
        },
        lifecycleThread);
  }

  @Override
  public void accept(VmEvent event) {
    var unused =
        apply(event)
            .exceptionally(
                failure -> {
                  LOG.error("what was said of VMs came to nothing", failure);
                  return new Change.Refused(FAILED, failure.toString());
                });
  }

  /**
   * Says what became of an event, once the VM's sockets and file are open or closed and that is
   * remembered: the change, of which a failure of the observer is a refusal. Of a list or a lease
   * it is all that changed.
   */
  public CompletableFuture<Change> apply(VmEvent event) {
    return CompletableFuture.completedFuture(event)
        .thenComposeAsync(given -> remember(handle(given)), lifecycleThread);
  }

  private CompletableFuture<Change> remember(Change change) {
    boolean nothingChanged =
        change instanceof Change.Ignored
            || (change instanceof Change.Refused refused && refused.refusal() != FAILED);
    return nothingChanged
        ? CompletableFuture.completedFuture(change)
        : memory.remember(registry.state()).thenApply(done -> change);
  }

  private Change handle(VmEvent event) {
    if (event instanceof VmEvent.Started started) {
      return start(started.claim());
    } else if (event instanceof VmEvent.Stopped stopped) {
      return stop(stopped);
    } else if (event instanceof VmEvent.CidStopped stopped) {
      return stop(stopped);
    } else if (event instanceof VmEvent.LeaseEnded ended) {
      return endLease(ended.lease());
    }
    return reconcile((VmEvent.Listed) event);
  }

  private Change start(Claim claim) {
    Change change = registry.started(claim);
    return settle(change).getOrDefault(claim.id(), change);
  }

  private Change stop(VmEvent.Stopped stopped) {
    Change change = registry.stopped(stopped.claimant(), stopped.id(), stopped.cid());
    var unused = settle(change);
    return change;
  }

  /** No two claims have one CID. */
  private Change stop(VmEvent.CidStopped stopped) {
    OptionalLong cid = OptionalLong.of(stopped.cid());
    for (Claim held : registry.claims()) {
      if (held.claimant().equals(stopped.claimant()) && held.vm().cid().equals(cid)) {
        return stop(new VmEvent.Stopped(held.claimant(), held.id(), cid));
      }
    }
    Change ignored =
        new Change.Ignored("no VM of %s has CID %s".formatted(stopped.claimant(), stopped.cid()));
    var unused = settle(ignored);
    return ignored;
  }

  private Change endLease(String lease) {
    List<Generation> closed = new ArrayList<>();
    List<Generation> opened = new ArrayList<>();
    for (Claim held : registry.claims()) {
      if (held.lease().equals(Optional.of(lease))) {
        VmEvent.Stopped gone =
            new VmEvent.Stopped(held.claimant(), held.id(), OptionalLong.empty());
        collect(stop(gone), closed, opened);
      }
    }
    return new Change.Applied(closed, opened);
  }

  /** Stops first, since a CID may have gone from a VM that stopped to one that started. */
  private Change reconcile(VmEvent.Listed listed) {
    Map<VmId, VmSpec> missing = new LinkedHashMap<>();
    listed.vms().forEach(vm -> missing.put(vm.id(), vm));
    missing.keySet().removeAll(listed.news());
    List<Generation> closed = new ArrayList<>();
    List<Generation> opened = new ArrayList<>();
    for (Claim held : registry.claims()) {
      if (isOf(listed, held) && !listed.news().contains(held.id())) {
        VmSpec vm = missing.get(held.id());
        if (vm == null) {
          VmEvent.Stopped gone = new VmEvent.Stopped(listed.claimant(), held.id(), held.vm().cid());
          collect(stop(gone), closed, opened);
        } else if (vm.identifiesAs(held.vm())) {
          missing.remove(held.id());
        }
      }
    }
    for (VmSpec vm : missing.values()) {
      collect(start(Claim.of(listed.claimant(), vm)), closed, opened);
    }
    return new Change.Applied(closed, opened);
  }

  private static boolean isOf(VmEvent.Listed listed, Claim claim) {
    return claim.claimant().equals(listed.claimant())
        && listed.owner().map(claim.id().owner()::equals).orElse(true);
  }

  private static void collect(Change change, List<Generation> closed, List<Generation> opened) {
    if (change instanceof Change.Applied applied) {
      closed.addAll(applied.closed());
      opened.addAll(applied.opened());
    }
  }

  /** Tells whom it concerns, and answers which VMs the observer would not open. */
  private Map<VmId, Change> settle(Change change) {
    Map<VmId, Change> failures = new HashMap<>();
    if (change instanceof Change.Applied applied) {
      applied.closed().forEach(this::close);
      applied.opened().forEach(generation -> open(generation, failures));
    } else if (change instanceof Change.Refused refused) {
      counters.refusedClaims().increment();
      LOG.warn("VM refused: {}", refused.reason());
    } else if (change instanceof Change.Ignored ignored) {
      counters.ignoredStops().increment();
      LOG.info("stop ignored: {}", ignored.reason());
    }
    return failures;
  }

  private void close(Generation generation) {
    counters.closed().increment();
    try {
      observer.closed(generation);
      LOG.info("VM {} is gone", generation);
    } catch (RuntimeException e) {
      LOG.error("VM {} is gone, but not all of it was closed", generation, e);
    }
  }

  private void open(Generation generation, Map<VmId, Change> failures) {
    try {
      observer.opened(generation);
      counters.opened().increment();
      LOG.info("VM {} is live", generation);
    } catch (IllegalArgumentException | IOException e) {
      LOG.warn("VM {} refused: {}", generation, e.getMessage());
      withdraw(generation, String.valueOf(e.getMessage()), failures);
    } catch (RuntimeException e) {
      LOG.error("VM {} refused, for it could not be opened", generation, e);
      withdraw(generation, e.toString(), failures);
    }
  }

  /** The observer never had this generation, so only what takes its place concerns it. */
  private void withdraw(Generation generation, String reason, Map<VmId, Change> failures) {
    counters.failed().increment();
    failures.put(generation.id(), new Change.Refused(FAILED, generation.id() + ": " + reason));
    if (registry.withdraw(generation) instanceof Change.Applied applied) {
      applied.opened().forEach(next -> open(next, failures));
    }
  }
}
