package org.vmlog.forwarder;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.intake.VmmSockets;
import org.vmlog.platform.ServiceManager;
import org.vmlog.wire.LogServer;

/**
 * Tells the service manager how many VMs are live and, if it keeps a watchdog, that the threads on
 * which everybody waits are running: after a beat that one of them does not answer there is no
 * other. Hung disks are not among the reasons, since those threads never wait for one. Confined to
 * the timer.
 */
final class Heartbeat {
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(10);

  private final ServiceManager manager;
  private final SourceRegistry registry;
  private final LogServer server;
  private final VmmSockets vmmSockets;
  private final Executor lifecycleThread;
  private CompletableFuture<Void> beat = CompletableFuture.completedFuture(null);
  private int liveVmsSaid = -1;

  Heartbeat(
      ServiceManager manager,
      SourceRegistry registry,
      LogServer server,
      VmmSockets vmmSockets,
      Executor lifecycleThread) {
    this.manager = manager;
    this.registry = registry;
    this.server = server;
    this.vmmSockets = vmmSockets;
    this.lifecycleThread = lifecycleThread;
  }

  /** Beats until the timer ends: twice in each interval of the watchdog, if there is one. */
  void start(ScheduledExecutorService timer) {
    long millis =
        manager
            .watchdogInterval()
            .map(whole -> whole.dividedBy(2))
            .orElse(STATUS_INTERVAL)
            .toMillis();
    var unused = timer.scheduleAtFixedRate(this::beat, 0, millis, TimeUnit.MILLISECONDS);
  }

  private void beat() {
    int liveVms = registry.live().size();
    if (liveVms != liveVmsSaid) {
      liveVmsSaid = liveVms;
      manager.status(liveVms == 1 ? "1 VM is live" : liveVms + " VMs are live");
    }
    if (manager.watchdogInterval().isPresent() && beat.isDone()) {
      beat =
          CompletableFuture.allOf(
                  server.whenResponsive(),
                  vmmSockets.whenResponsive(),
                  CompletableFuture.runAsync(() -> {}, lifecycleThread))
              .thenRun(manager::alive);
    }
  }
}
