package org.vmlog.forwarder;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.exposition.ForwarderMetrics;
import org.vmlog.exposition.MetricsEndpoint;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.intake.GrpcIntake;
import org.vmlog.intake.IntakeCounters;
import org.vmlog.intake.VmDoor;
import org.vmlog.intake.VmDoors;
import org.vmlog.intake.VmmSockets;
import org.vmlog.lifecycle.HandedSockets;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmLifecycle;
import org.vmlog.lifecycle.dbus.ForwarderService;
import org.vmlog.platform.FolderLock;
import org.vmlog.platform.HostZone;
import org.vmlog.platform.InheritedSockets;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.Threads;
import org.vmlog.realm.ListenerCounters;
import org.vmlog.record.LineFormat;
import org.vmlog.record.SyslogParser;
import org.vmlog.route.CopyTarget;
import org.vmlog.route.LineStyle;
import org.vmlog.route.PipeMemory;
import org.vmlog.route.PipeWriters;
import org.vmlog.route.Router;
import org.vmlog.sink.DiskQuota;
import org.vmlog.sink.LogCompressor;
import org.vmlog.sink.LogDirectory;
import org.vmlog.sink.LogExpiry;
import org.vmlog.sink.LogFileNaming;
import org.vmlog.sink.LogRepair;
import org.vmlog.wire.LogServer;

/**
 * The host daemon, put together: what is written to is opened before what is read from, and closed
 * after it. Started and closed by one thread; {@link #reopenFiles} may be called by any.
 */
public final class ForwarderDaemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForwarderDaemon.class);

  /** In which a shutdown has to be over, and how much of it calls in progress may take. */
  private static final Duration SHUTDOWN = Duration.ofMillis(4500);

  private static final Duration CALLS_GRACE = Duration.ofSeconds(2);

  /** What the other steps leave of {@link #SHUTDOWN} for lines to be written in. */
  private static final Duration WRITING_GRACE = Duration.ofSeconds(1);

  /** How often files that are too old are looked for. */
  private static final Duration EXPIRY_PERIOD = Duration.ofMinutes(1);

  private static final int MAX_EVENT_LOOPS = 2;

  /** Within which all the VMs of a host are to be open; systemd waits for READY for 90 s. */
  private static final Duration BEGIN_PATIENCE = Duration.ofSeconds(60);

  private final FolderLock logsLock;
  private final SavedVms saved;
  private final ScheduledThreadPoolExecutor timer;
  private final ThreadPoolExecutor lifecycleThread;
  private final ScheduledThreadPoolExecutor compressorThread;
  private final PipeWriters writers;
  private final Router router;
  private final LogServer server;
  private final VmmSockets vmmSockets;
  private final VmDoors vmDoors;
  private final HostDoors hostDoors;
  private Optional<Components> components = Optional.empty();
  private Optional<HostBus> bus = Optional.empty();
  private Optional<MetricsEndpoint> metrics = Optional.empty();

  private ForwarderDaemon(
      ForwarderConfig config,
      List<InheritedSockets.Inherited> inherited,
      ServiceManager manager,
      FolderLock logsLock,
      SavedVms saved)
      throws IOException {
    this.logsLock = logsLock;
    this.saved = saved;
    ZoneId zone = HostZone.here();
    InstantSource clock = InstantSource.system();
    timer = Threads.timer("vmlog-timer");
    lifecycleThread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Threads.named("vmlog-lifecycle"));
    compressorThread = Threads.timer("vmlog-compress");

    ForwarderConfig.Logs logs = config.logs();
    LogFileNaming naming =
        new LogFileNaming(logs.layout(), logs.directory(), config.crosvm().socketDirectory());
    writers = new PipeWriters(Threads.named("vmlog-writer"), timer);
    DiskQuota quota = openLogs(logs, config.stateDirectory());
    logs.rotation()
        .expire()
        .ifPresent(age -> runOften(new LogExpiry(quota, age, clock), age, compressorThread));
    router =
        new Router(
            routerSettings(config, zone, clock),
            new FilePlaces(
                quota,
                naming,
                logs.rotation(),
                logs.sync(),
                new LogCompressor(compressorThread),
                config.syslog().socket(),
                logs.journald()),
            new PipeMemory(config.limits().pipesTotalBytes()),
            writers);

    IntakeCounters counters = new IntakeCounters();
    SourceRegistry registry = new SourceRegistry();
    GrpcIntake intake =
        new GrpcIntake(
            router, registry, ProcessLimits.intake(config.limits()), clock, timer, counters);
    int loops = Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
    server =
        LogServer.start(
            new LogServer.Settings(
                config.limits().maxRequestBytes(), loops, config.limits().hold()),
            intake,
            Threads.named("vmlog-io"),
            writers::drainsOn);
    vmmSockets =
        VmmSockets.start(
            Threads.named("vmlog-vmm"),
            writers::drainsOn,
            new SyslogParser(config.crosvm().sender(), zone),
            clock,
            counters);
    HandedSockets handedSockets = new HandedSockets();
    List<VmDoor> kinds = intake.vmDoors(server, zone, clock);
    vmDoors =
        new VmDoors(
            server,
            intake,
            kinds,
            vmmSockets,
            router,
            naming,
            handedSockets,
            config.crosvm().group(),
            timer,
            lifecycleThread);
    hostDoors = new HostDoors(server, kinds, registry, config.attribution().tcpAnonymous());
    LifecycleCounters lifecycleCounters = new LifecycleCounters();
    VmLifecycle lifecycle =
        new VmLifecycle(registry, vmDoors, lifecycleThread, lifecycleCounters, saved.memory());
    try {
      await(lifecycle.begin(config.vms(), saved.recalled(config.dbus())), BEGIN_PATIENCE);
      new Heartbeat(manager, registry, server, vmmSockets, lifecycleThread).start(timer);
      components =
          Optional.of(
              Components.start(
                  server, config.attribution().logConnector(), ProcessLimits.quietSinks()));
      DaemonCounters all =
          new DaemonCounters(
              counters,
              server,
              lifecycleCounters,
              components.map(Components::counters).orElseGet(ListenerCounters::new));
      bus =
          HostBus.start(
              config,
              new ForwarderService.Host(
                  registry, lifecycle, handedSockets, router, naming, vmDoors::hybridProblem, all),
              new ConciergeOwners(config.vms(), registry, saved, naming),
              components.map(Components::clients).orElse(List.of()),
              lifecycleCounters,
              timer);
      // Last: a CID that passed on while nobody listened must not be taken for its former VM's.
      hostDoors.open(config.listen(), inherited);
      metrics =
          HostMetrics.start(config, new ForwarderMetrics(router, quota, all, counters.ackTimes()));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens everything; what was opened is closed again if something fails.
   *
   * @param inherited listening sockets that the service manager has passed
   * @param manager is told how the daemon is, but not that it is ready
   * @throws java.net.BindException if an address or socket is somebody else's
   * @throws FolderLock.HeldException if another forwarder has the log or the state folder
   * @throws IOException if a folder or socket cannot be used; the message names it
   */
  public static ForwarderDaemon start(
      ForwarderConfig config, List<InheritedSockets.Inherited> inherited, ServiceManager manager)
      throws IOException {
    FolderLock logsLock = FolderLock.take(config.logs().directory());
    try {
      SavedVms saved = SavedVms.open(config.stateDirectory());
      try {
        return new ForwarderDaemon(config, inherited, manager, logsLock, saved);
      } catch (IOException | RuntimeException e) {
        saved.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      logsLock.close();
      throw e;
    }
  }

  /**
   * Runs it each minute, or more often if files go sooner. Not at once: a VM may be live whose
   * launcher says so a moment later.
   */
  private static void runOften(
      LogExpiry expiry, Duration age, ScheduledThreadPoolExecutor background) {
    long millis = Math.min(age.toMillis(), EXPIRY_PERIOD.toMillis());
    var unused = background.scheduleWithFixedDelay(expiry, millis, millis, TimeUnit.MILLISECONDS);
  }

  private static DiskQuota openLogs(ForwarderConfig.Logs logs, Path state) throws IOException {
    LogDirectory directory = LogDirectory.open(logs.directory(), logs.layout(), state);
    LogRepair.run(directory, logs.rotation().keep(), logs.sync());
    return DiskQuota.open(directory, logs.quota(), logs.rotation().keep());
  }

  private static Router.Settings routerSettings(
      ForwarderConfig config, ZoneId zone, InstantSource clock) {
    ForwarderConfig.Logs logs = config.logs();
    int maxSeverity = config.syslog().maxSeverity();
    return new Router.Settings(
        new LineStyle(logs.format(), logs.scrub(), zone, maxSeverity),
        new LineStyle(LineFormat.SYSLOG, logs.scrub(), zone, maxSeverity),
        config.limits().pipeBytes(),
        config.syslog().queueBytes(),
        copies(logs),
        config.limits().source(),
        clock);
  }

  private static Set<CopyTarget> copies(ForwarderConfig.Logs logs) {
    Set<CopyTarget> copies = EnumSet.noneOf(CopyTarget.class);
    if (logs.copyToSyslog()) {
      copies.add(CopyTarget.SYSLOG);
    }
    if (logs.journald().isPresent()) {
      copies.add(CopyTarget.JOURNAL);
    }
    return copies;
  }

  /** The doors that are no single VM's. */
  HostDoors hostDoors() {
    return hostDoors;
  }

  /** Has every log file opened anew, for a log rotation by somebody else. */
  public void reopenFiles() {
    LOG.info("reopening the log files");
    router.reopenAll();
  }

  /**
   * Stops accepting, lets what has come in be written, and closes everything, within 5 s. What a
   * hung disk does not take in that time is not acknowledged to its sender.
   */
  @Override
  public void close() {
    long deadline = System.nanoTime() + SHUTDOWN.toNanos();
    metrics.ifPresent(MetricsEndpoint::close);
    bus.ifPresent(HostBus::close);
    components.ifPresent(Components::close);
    hostDoors.close();
    // What waits there are starts and stops that nobody gets an answer to any more: the next start
    // hears of them from where they came from.
    lifecycleThread.getQueue().clear();
    try {
      await(lifecycleThread.submit(vmDoors::closeAll), graceBefore(deadline));
    } catch (IOException e) {
      LOG.warn("not every VM's sockets could be closed: {}", e.getMessage());
    }
    lifecycleThread.shutdown();
    saved.close();
    vmmSockets.close(graceBefore(deadline));
    server.shutdown(graceBefore(deadline));
    try {
      await(router.closeAll(), Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    } catch (IOException e) {
      LOG.error("not everything that came in could be written: {}", e.getMessage());
    }
    writers.close();
    timer.shutdownNow();
    compressorThread.shutdownNow();
    logsLock.close();
  }

  /** How long a step may take: what is read by its end has still to be written. */
  private static Duration graceBefore(long deadline) {
    Duration left = Duration.ofNanos(deadline - System.nanoTime()).minus(WRITING_GRACE);
    return left.compareTo(CALLS_GRACE) > 0 ? CALLS_GRACE : left.isNegative() ? Duration.ZERO : left;
  }

  private static void await(Future<?> future, Duration patience) throws IOException {
    try {
      future.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IOException("not done within " + patience.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
