package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.intake.GrpcIntake;
import org.vmlog.intake.Identifiers;
import org.vmlog.intake.IntakeCounters;
import org.vmlog.intake.VmDoors;
import org.vmlog.intake.VmmSockets;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmLifecycle;
import org.vmlog.lifecycle.VmMemory;
import org.vmlog.lifecycle.dbus.ConciergeVms;
import org.vmlog.platform.BusConnection;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.record.LineFormat;
import org.vmlog.record.ScrubMode;
import org.vmlog.route.LineStyle;
import org.vmlog.route.PipeMemory;
import org.vmlog.route.PipeWriters;
import org.vmlog.route.Places;
import org.vmlog.route.Router;
import org.vmlog.route.SourceLimits;
import org.vmlog.sink.Layout;
import org.vmlog.sink.LineSink;
import org.vmlog.sink.LogFileNaming;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.Guest;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.RecordingSink;
import org.vmlog.testing.Seed;
import org.vmlog.testing.TestHost;
import org.vmlog.wire.ListenAddress;
import org.vmlog.wire.LogServer;
import org.vmlog.wire.Peer;
import org.vmlog.wire.PeerIdentifier;

/**
 * Hundreds of VMs start and stop while they log. Few CIDs pass from one to the next, often without
 * a word that the former stopped, and the bus crashes in between. Whatever a VM says is its own.
 *
 * <p>Everything is real but vsock, which machines that build have no guests for: a guest's CID is
 * in its loopback address.
 */
final class CidReuseTest {
  private static final int LAUNCHERS = 4;
  private static final int STARTS = 125;
  private static final int CIDS = 8;
  private static final int FIRST_CID = 100;

  @TempDir Path folder;

  private final SourceRegistry registry = new SourceRegistry();
  private final Map<VmId, RecordingSink> files = new ConcurrentHashMap<>();
  private final RecordingSink syslog = new RecordingSink();
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final ExecutorService lifecycleThread = Executors.newSingleThreadExecutor();
  private final LifecycleCounters counters = new LifecycleCounters();
  private final AtomicInteger started = new AtomicInteger();
  private final Object conciergesTurn = new Object();
  private InetSocketAddress address;
  private PipeWriters writers;
  private Router router;
  private LogServer server;
  private VmmSockets vmmSockets;
  private PrivateBus bus;
  private ConciergeVms vms;
  private BusConnection connection;
  private FakeConcierge concierge; // guarded by conciergesTurn

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void putTogether() throws Exception {
    InstantSource clock = InstantSource.system();
    LineStyle style = new LineStyle(LineFormat.RFC3164, ScrubMode.STANDARD, ZoneOffset.UTC, 2);
    SourceLimits limits = new SourceLimits(1_000_000, 1_000_000, 1 << 30);
    writers = new PipeWriters(Thread::new, timer);
    router =
        new Router(
            new Router.Settings(style, style, 1 << 20, 1 << 20, false, limits, clock),
            new Memory(),
            new PipeMemory(24 << 20),
            writers);
    IntakeCounters intakeCounters = new IntakeCounters();
    GrpcIntake intake =
        new GrpcIntake(
            router, registry, new GrpcIntake.Limits(65_536, 8, 64), clock, timer, intakeCounters);
    server = LogServer.start(new LogServer.Settings(4 << 20, 2), intake, Thread::new);
    vmmSockets = VmmSockets.start(Thread::new, ZoneOffset.UTC, clock, intakeCounters);
    LogFileNaming naming =
        new LogFileNaming(Layout.PLAIN, folder.resolve("logs"), folder.resolve("vm"));
    VmDoors doors =
        new VmDoors(server, intake, vmmSockets, router, naming, Optional.empty(), timer);
    VmLifecycle lifecycle =
        new VmLifecycle(registry, doors, lifecycleThread, counters, VmMemory.NONE);
    address = TestHost.freeTcpAddress();
    server.open(new ListenAddress.Tcp(address), byCidInTheAddress());

    bus = PrivateBus.create().start();
    concierge = FakeConcierge.start(bus.address());
    vms =
        new ConciergeVms(
            lifecycle::apply,
            () -> List.of("alice"),
            Executors.newSingleThreadExecutor(),
            counters);
    connection = new BusConnection(bus.address(), Thread::new, vms);
    connection.start();
    connection.awaitFirstAttempt(Await.PATIENCE);
  }

  @AfterEach
  void takeApart() throws Exception {
    connection.close();
    vms.close();
    concierge.close();
    bus.close();
    server.close();
    lifecycleThread.shutdownNow();
    vmmSockets.close();
    router.closeAll().get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    writers.close();
    timer.shutdownNow();
  }

  @Test
  void lines_whileCidsPassFromVmToVm_areNeverInAnotherVmsFile() throws Exception {
    Random random = Seed.random("CidReuseTest");
    ExecutorService pool = Executors.newFixedThreadPool(LAUNCHERS);
    List<Launcher> launchers = new ArrayList<>();
    for (int i = 0; i < LAUNCHERS; i++) {
      launchers.add(new Launcher(i, new Random(random.nextLong())));
    }
    try {
      List<Future<Void>> ends = new ArrayList<>();
      launchers.forEach(launcher -> ends.add(pool.submit(launcher)));
      Await.until(
          "half of the VMs have started",
          () -> started.get() >= LAUNCHERS * STARTS / 2 || ends.stream().anyMatch(Future::isDone));
      crashTheBus();
      for (Future<Void> end : ends) {
        end.get(2, TimeUnit.MINUTES);
      }
    } finally {
      pool.shutdownNow();
      launchers.forEach(Launcher::close);
    }

    assertThat(started).hasValue(LAUNCHERS * STARTS);
    assertThat(counters.lists().value())
        .as("once at the start, once after the crash")
        .isGreaterThanOrEqualTo(2);
    assertThat(syslog.lines()).as("of guests nobody announced").isEmpty();
    for (Launcher launcher : launchers) {
      launcher.said.forEach((name, lines) -> assertThat(lines(name)).as(name).containsAll(lines));
    }
    files.forEach(
        (vm, file) ->
            assertThat(file.lines())
                .as(vm.toString())
                .allMatch(line -> line.contains(" said by " + vm.name() + " ")));
  }

  /** What it sent is with the bus, or lost; what it has stays. */
  private void crashTheBus() throws Exception {
    synchronized (conciergesTurn) {
      bus.stop();
      bus.start();
      FakeConcierge next = FakeConcierge.prepare(bus.address()).inherit(concierge);
      concierge.close();
      concierge = next.takeName();
    }
  }

  private List<String> lines(String name) {
    RecordingSink file = files.get(new VmId("alice", name));
    return file == null ? List.of() : file.lines();
  }

  private PeerIdentifier byCidInTheAddress() {
    PeerIdentifier byCid = Identifiers.byCid(registry);
    return peer -> {
      byte[] from = ((Peer.Tcp) peer).address().getAddress();
      return byCid.identify(new Peer.Vsock((from[2] & 0xff) << 8 | (from[3] & 0xff)));
    };
  }

  private static InetAddress addressOf(int cid) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 9, (byte) (cid >> 8), (byte) cid});
    } catch (UnknownHostException e) {
      throw new AssertionError("4 bytes are an address", e);
    }
  }

  /** A VM that runs, or has run, with a connection of its own. */
  private record Running(String name, int cid, Guest guest) {}

  /** Starts and stops VMs on CIDs that no other launcher uses. */
  private final class Launcher implements Callable<Void> {
    private final int number;
    private final Random random;
    private final Map<Integer, Running> byCid = new HashMap<>();
    private final Map<String, Running> byName = new HashMap<>();

    /** By VM, the lines it was answered OK for. */
    final Map<String, List<String>> said = new HashMap<>();

    Launcher(int number, Random random) {
      this.number = number;
      this.random = random;
    }

    @Override
    public Void call() throws Exception {
      for (int start = 0; start < STARTS; start++) {
        int cid = FIRST_CID + number * CIDS + random.nextInt(CIDS);
        String name = nextName(start);
        Running former = byCid.remove(cid);
        Running same = byName.remove(name);
        List<Running> ending = new ArrayList<>();
        if (former != null) {
          byName.remove(former.name());
          ending.add(former);
        }
        if (same != null && same != former) {
          byCid.remove(same.cid());
          ending.add(same);
        }
        // Begun while they live, and said to the end when their CIDs are others'.
        List<RawCall> lastWords = new ArrayList<>();
        for (Running vm : ending) {
          lastWords.add(RawCall.start(vm.guest(), Guest.Method.USER, CallOptions.DEFAULT));
          stop(vm);
        }
        Running vm = start(name, cid);
        for (int i = 0; i < ending.size(); i++) {
          lastWords.get(i).send(request(ending.get(i).name(), -1)).halfClose();
        }
        for (int i = 0; i < 3; i++) {
          vm.guest().send(Guest.Method.USER, request(name, i));
          said.computeIfAbsent(name, any -> new ArrayList<>()).add(line(name, i));
        }
        for (int i = 0; i < ending.size(); i++) {
          var unused = lastWords.get(i).status(); // whatever it is
          ending.get(i).guest().close();
        }
        byCid.put(cid, vm);
        byName.put(name, vm);
        started.incrementAndGet();
      }
      return null;
    }

    /** Of a VM that runs, with another CID or the same; or a new one. */
    private String nextName(int start) {
      List<String> names = byName.keySet().stream().sorted().toList();
      return names.isEmpty() || random.nextInt(4) > 0
          ? "vm-%d-%d".formatted(number, start)
          : names.get(random.nextInt(names.size()));
    }

    private void stop(Running vm) throws Exception {
      synchronized (conciergesTurn) {
        if (random.nextBoolean()) {
          concierge.vmStopped("alice", vm.name(), vm.cid());
        } else {
          concierge.loses("alice", vm.name());
        }
      }
    }

    private Running start(String name, int cid) throws Exception {
      synchronized (conciergesTurn) {
        concierge.vmStartingUp("alice", name, cid);
      }
      Await.until(
          name + " is live with CID " + cid,
          () -> registry.byCid(cid).filter(vm -> vm.id().name().equals(name)).isPresent());
      return new Running(name, cid, Guest.from(addressOf(cid), address));
    }

    void close() {
      byCid.values().forEach(vm -> vm.guest().close());
    }
  }

  private static byte[] request(String name, int number) {
    String content = "said by " + name + " " + number;
    return LogRequest.newBuilder().addRecords(Guest.record(7, content)).build().toByteArray();
  }

  private static String line(String name, int number) {
    return "<14>Jan  1 00:00:07 %s said by %1$s %d".formatted(name, number);
  }

  /** A file for each VM, in memory. */
  private final class Memory implements Places {
    @Override
    public LineSink vmFile(VmId id) {
      return files.computeIfAbsent(id, any -> new RecordingSink());
    }

    @Override
    public LineSink hostUserFile(int uid) {
      throw new AssertionError("nobody is a user of this host here");
    }

    @Override
    public LineSink syslog() {
      return syslog;
    }
  }
}
