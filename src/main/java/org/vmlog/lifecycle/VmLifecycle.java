package org.vmlog.lifecycle;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.Change;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmSpec;

/**
 * Applies what the sources of VMs say, in the order they say it, and tells the observer what came
 * of it. A VM whose observer fails is the only one harmed.
 *
 * <p>Thread-safe: every event is handed to the lifecycle thread, and no method waits for it.
 */
public final class VmLifecycle implements Consumer<VmEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(VmLifecycle.class);

  private final SourceRegistry registry;
  private final VmObserver observer;
  private final Executor lifecycleThread;
  private final LifecycleCounters counters;

  /**
   * @param lifecycleThread runs one task at a time, in the order they were given; the only thread
   *     that changes the registry
   */
  public VmLifecycle(
      SourceRegistry registry,
      VmObserver observer,
      Executor lifecycleThread,
      LifecycleCounters counters) {
    this.registry = registry;
    this.observer = observer;
    this.lifecycleThread = lifecycleThread;
    this.counters = counters;
  }

  /** Makes the configuration's VMs live; to be called before any event comes. */
  public void configure(List<VmSpec> vms) {
    lifecycleThread.execute(() -> vms.forEach(vm -> settle(registry.configure(vm))));
  }

  @Override
  public void accept(VmEvent event) {
    lifecycleThread.execute(() -> apply(event));
  }

  private void apply(VmEvent event) {
    if (event instanceof VmEvent.Started started) {
      settle(registry.started(started.vm()));
    } else if (event instanceof VmEvent.Stopped stopped) {
      settle(registry.stopped(stopped.id(), stopped.cid()));
    }
  }

  private void settle(Change change) {
    if (change instanceof Change.Applied applied) {
      applied.closed().forEach(this::close);
      applied.opened().forEach(this::open);
    } else if (change instanceof Change.Refused refused) {
      counters.refusedClaims().increment();
      LOG.warn("VM refused: {}", refused.reason());
    } else if (change instanceof Change.Ignored ignored) {
      counters.ignoredStops().increment();
      LOG.info("stop ignored: {}", ignored.reason());
    }
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

  private void open(Generation generation) {
    try {
      observer.opened(generation);
      counters.opened().increment();
      LOG.info("VM {} is live", generation);
    } catch (IllegalArgumentException | IOException e) {
      LOG.warn("VM {} refused: {}", generation, e.getMessage());
      withdraw(generation);
    } catch (RuntimeException e) {
      LOG.error("VM {} refused, for it could not be opened", generation, e);
      withdraw(generation);
    }
  }

  /** The observer never had this generation, so only what takes its place concerns it. */
  private void withdraw(Generation generation) {
    counters.failed().increment();
    if (registry.withdraw(generation) instanceof Change.Applied applied) {
      applied.opened().forEach(this::open);
    }
  }
}
