package org.vmlog.forwarder;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.intake.GrpcIntake;
import org.vmlog.intake.Identifiers;
import org.vmlog.intake.IntakeCounters;
import org.vmlog.intake.VmDoors;
import org.vmlog.intake.VmmSockets;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmLifecycle;
import org.vmlog.lifecycle.dbus.ConciergeSignals;
import org.vmlog.platform.BusConnection;
import org.vmlog.platform.FolderLock;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.Threads;
import org.vmlog.record.LineFormat;
import org.vmlog.route.LineStyle;
import org.vmlog.route.PipeMemory;
import org.vmlog.route.PipeWriters;
import org.vmlog.route.Router;
import org.vmlog.sink.DiskQuota;
import org.vmlog.sink.LogCompressor;
import org.vmlog.sink.LogDirectory;
import org.vmlog.sink.LogFileNaming;
import org.vmlog.wire.Door;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.PeerIdentifier;

/**
 * The host daemon, put together: what is written to is opened before what is read from, and closed
 * after it. Started and closed by one thread; {@link #reopenFiles} may be called by any.
 */
public final class ForwarderDaemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForwarderDaemon.class);

  /** In which a shutdown has to be over, and how much of it calls in progress may take. */
  private static final Duration SHUTDOWN = Duration.ofMillis(4500);

  private static final Duration CALLS_GRACE = Duration.ofSeconds(2);
  private static final int MAX_EVENT_LOOPS = 2;

  /** A bus that is there answers in a fraction of this; one that hangs is not waited for. */
  private static final Duration BUS_PATIENCE = Duration.ofSeconds(2);

  private final FolderLock logsLock;
  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService lifecycleThread;
  private final ExecutorService compressorThread;
  private final PipeWriters writers;
  private final Router router;
  private final LogServer server;
  private final VmmSockets vmmSockets;
  private final VmDoors vmDoors;
  private final List<Door> doors = new ArrayList<>();
  private @Nullable BusConnection bus;

  private ForwarderDaemon(ForwarderConfig config, FolderLock logsLock) throws IOException {
    this.logsLock = logsLock;
    ZoneId zone = ZoneId.systemDefault();
    InstantSource clock = InstantSource.system();
    timer = new ScheduledThreadPoolExecutor(1, Threads.named("vmlog-timer"));
    timer.setRemoveOnCancelPolicy(true);
    lifecycleThread = Executors.newSingleThreadExecutor(Threads.named("vmlog-lifecycle"));
    compressorThread = Executors.newSingleThreadExecutor(Threads.named("vmlog-compress"));

    ForwarderConfig.Logs logs = config.logs();
    LogFileNaming naming =
        new LogFileNaming(logs.layout(), logs.directory(), config.crosvm().socketDirectory());
    writers = new PipeWriters(Threads.named("vmlog-writer"), timer);
    router =
        new Router(
            routerSettings(config, zone, clock),
            new FilePlaces(
                openLogs(logs),
                naming,
                logs.rotation(),
                logs.sync(),
                new LogCompressor(compressorThread),
                config.syslog().socket()),
            new PipeMemory(config.limits().pipesTotalBytes()),
            writers);

    IntakeCounters counters = new IntakeCounters();
    SourceRegistry registry = new SourceRegistry();
    GrpcIntake intake =
        new GrpcIntake(router, registry, intakeLimits(config), clock, timer, counters);
    int loops = Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
    server =
        LogServer.start(
            new LogServer.Settings(config.limits().maxRequestBytes(), loops),
            intake,
            Threads.named("vmlog-io"));
    vmmSockets = VmmSockets.start(Threads.named("vmlog-vmm"), zone, clock, counters);
    vmDoors =
        new VmDoors(server, intake, vmmSockets, router, naming, config.crosvm().group(), timer);
    LifecycleCounters lifecycleCounters = new LifecycleCounters();
    VmLifecycle lifecycle = new VmLifecycle(registry, vmDoors, lifecycleThread, lifecycleCounters);
    try {
      lifecycle.configure(config.vms());
      await(lifecycleThread.submit(() -> {}), SHUTDOWN);
      openDoors(config, registry);
      followBus(config, new ConciergeSignals(lifecycle, lifecycleCounters));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens everything; what was opened is closed again if something fails.
   *
   * @throws java.net.BindException if an address or socket is somebody else's
   * @throws FolderLock.HeldException if another forwarder writes to the log folder
   * @throws IOException if a folder or socket cannot be used; the message names it
   */
  public static ForwarderDaemon start(ForwarderConfig config) throws IOException {
    FolderLock logsLock = FolderLock.take(config.logs().directory());
    try {
      return new ForwarderDaemon(config, logsLock);
    } catch (IOException | RuntimeException e) {
      logsLock.close();
      throw e;
    }
  }

  private static DiskQuota openLogs(ForwarderConfig.Logs logs) throws IOException {
    LogDirectory directory = LogDirectory.open(logs.directory(), logs.layout());
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
        logs.copyToSyslog(),
        config.limits().source(),
        clock);
  }

  private static GrpcIntake.Limits intakeLimits(ForwarderConfig config) {
    ForwarderConfig.Limits limits = config.limits();
    return new GrpcIntake.Limits(
        limits.maxRecords(), limits.connectionsPerIdentity(), limits.connectionsAnonymous());
  }

  private void openDoors(ForwarderConfig config, SourceRegistry registry) throws IOException {
    ForwarderConfig.Listen listen = config.listen();
    if (listen.vsockPort().isPresent()) {
      ListenAddress address = new ListenAddress.Vsock(listen.vsockPort().getAsInt());
      openVsock(address, Identifiers.byCid(registry));
    }
    Optional<InetSocketAddress> tcp = listen.tcp();
    if (tcp.isPresent()) {
      boolean anonymous = config.attribution().tcpAnonymous();
      open(new ListenAddress.Tcp(tcp.get()), Identifiers.byAddress(registry, anonymous));
    }
    Optional<Path> unix = listen.unix();
    if (unix.isPresent()) {
      SocketAccess access = new SocketAccess(listen.unixMode(), listen.unixGroup());
      open(new ListenAddress.Unix(unix.get(), access), Identifiers.byUser());
    }
  }

  /** A host without vsock still serves its other doors; another process on the port is an error. */
  private void openVsock(ListenAddress address, PeerIdentifier identifier) throws IOException {
    try {
      open(address, identifier);
    } catch (java.net.BindException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("no vsock here, going on without it ({})", e.getMessage());
    }
  }

  private void open(ListenAddress address, PeerIdentifier identifier) throws IOException {
    Door door = server.open(address, identifier);
    doors.add(door);
    LOG.info("listening on {}", door);
  }

  private void followBus(ForwarderConfig config, ConciergeSignals signals) {
    Optional<String> address = config.dbus().address();
    if (address.isPresent() && config.dbus().concierge()) {
      bus = new BusConnection(address.get(), Threads.named("vmlog-bus"), signals);
      bus.start();
      bus.awaitFirstAttempt(BUS_PATIENCE);
    }
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
    if (bus != null) {
      bus.close();
    }
    doors.forEach(Door::close);
    try {
      await(lifecycleThread.submit(vmDoors::closeAll), CALLS_GRACE);
    } catch (IOException e) {
      LOG.warn("not every VM's sockets could be closed: {}", e.getMessage());
    }
    lifecycleThread.shutdown();
    vmmSockets.close();
    server.shutdown(CALLS_GRACE);
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
