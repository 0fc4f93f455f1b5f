package org.vmlog.forwarder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.config.ForwarderConfigReader;
import org.vmlog.lifecycle.VmLifecycle;
import org.vmlog.platform.ServiceManager;
import org.vmlog.platform.SocketAccess;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.Seed;
import org.vmlog.testing.TestHost;
import org.vmlog.wire.ListenAddress;

/**
 * Hundreds of VMs start and stop while they log. Few CIDs pass from one to the next, often without
 * a word that the former stopped, and the bus crashes in between. Whatever a VM says is its own: a
 * whole daemon on a real bus, with a door like vsock's for each CID.
 */
class CidReuseTest {
  /** What the forwarder itself says of a start. */
  private static final Pattern MARK =
      Pattern.compile(".* (\\S+) forwarder: VM started \\(generation \\d+\\)");

  private static final int LAUNCHERS = 4;
  private static final int STARTS = 125;
  private static final int CIDS = 8;
  private static final int FIRST_CID = 100;
  private static final Logger LIFECYCLE = Logger.getLogger(VmLifecycle.class.getName());

  @TempDir private Path folder;
  private final LiveVms live = new LiveVms();
  private final AtomicInteger started = new AtomicInteger();
  private final Object conciergesTurn = new Object();
  private PrivateBus bus;
  private TestHost host;
  private FakeConcierge concierge; // guarded by conciergesTurn

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void configure() throws Exception {
    LIFECYCLE.setLevel(Level.INFO);
    LIFECYCLE.setUseParentHandlers(false);
    LIFECYCLE.addHandler(live);
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
    host.withVm("alice", "static"); // for its owner to be known from the first moment
  }

  @AfterEach
  void restore() {
    bus.close();
    LIFECYCLE.removeHandler(live);
    LIFECYCLE.setUseParentHandlers(true);
    LIFECYCLE.setLevel(null);
  }

  @Test
  void lines_whileCidsPassFromVmToVm_areNeverInAnotherVmsFile() throws Exception {
    Random random = Seed.random("CidReuseTest");
    List<Launcher> launchers = new ArrayList<>();
    for (int i = 0; i < LAUNCHERS; i++) {
      launchers.add(new Launcher(i, new Random(random.nextLong())));
    }
    ExecutorService pool = Executors.newFixedThreadPool(LAUNCHERS);
    concierge = FakeConcierge.start(bus.address());
    try (ForwarderDaemon daemon = start()) {
      for (int cid = FIRST_CID; cid < FIRST_CID + LAUNCHERS * CIDS; cid++) {
        SocketAccess access = new SocketAccess(0600, Optional.empty());
        daemon.hostDoors().openAsVsock(new ListenAddress.Unix(door(cid), access), cid);
      }
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
      concierge.close();
    }

    assertThat(started).hasValue(LAUNCHERS * STARTS);
    Map<String, Set<Path>> files = filesByContent();
    for (Launcher launcher : launchers) {
      launcher.said.forEach(
          (name, all) ->
              all.forEach(
                  content ->
                      assertThat(files.get(content))
                          .as("%s; VMs: %s", content, live.said(name))
                          .containsExactly(host.log("alice", name))));
    }
    files.forEach(
        (content, in) ->
            assertThat(in)
                .as(content)
                .containsExactly(host.log("alice", content.split(" ", -1)[2])));
  }

  private Map<String, Set<Path>> filesByContent() throws Exception {
    Map<String, Set<Path>> files = new HashMap<>();
    try (Stream<Path> logs = Files.list(folder.resolve("logs/alice"))) {
      for (Path log : logs.toList()) {
        LogFiles.forEachLine(
            log,
            line -> {
              Matcher mark = MARK.matcher(line);
              if (mark.matches()) {
                assertThat(host.log("alice", mark.group(1))).isEqualTo(log);
              } else {
                String said = line.replaceFirst(".* said", "said");
                files.computeIfAbsent(said, any -> new HashSet<>()).add(log);
              }
            });
      }
    }
    return files;
  }

  private ForwarderDaemon start() throws Exception {
    return ForwarderDaemon.start(
        new ForwarderConfigReader(Map.of()).read(host.config()),
        List.of(),
        ServiceManager.of(Map.of()));
  }

  /** What was sent is with the forwarder, or lost. */
  private void crashTheBus() throws Exception {
    synchronized (conciergesTurn) {
      bus.stop();
      bus.start();
      FakeConcierge next = FakeConcierge.prepare(bus.address()).inherit(concierge);
      concierge.close();
      concierge = next.takeName();
    }
  }

  private Path door(int cid) {
    return folder.resolve("vsock-" + cid);
  }

  /** A VM with a connection of its own. */
  private record Running(String name, int cid, Guest guest) {}

  /** Starts and stops VMs on CIDs that no other launcher uses. */
  private final class Launcher implements Callable<Void> {
    private final int number;
    private final Random random;
    private final Map<Integer, Running> byCid = new HashMap<>();
    private final Map<String, Running> byName = new HashMap<>();

    /** By VM, the lines it was answered OK for. */
    final Map<String, Set<String>> said = new HashMap<>();

    Launcher(int number, Random random) {
      this.number = number;
      this.random = random;
    }

    @Override
    public Void call() throws Exception {
      for (int start = 0; start < STARTS; start++) {
        int cid = FIRST_CID + number * CIDS + random.nextInt(CIDS);
        String name = nextName(start);
        List<Running> ending = new ArrayList<>();
        end(byCid.get(cid), ending);
        end(byName.get(name), ending);
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
          said.computeIfAbsent(name, any -> new HashSet<>()).add(content(name, i));
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

    /** A new VM, or one that runs, with another CID or the same. */
    private String nextName(int start) {
      List<String> names = byName.keySet().stream().sorted().toList();
      return names.isEmpty() || random.nextInt(4) > 0
          ? "vm-%d-%d".formatted(number, start)
          : names.get(random.nextInt(names.size()));
    }

    private void end(Running vm, List<Running> ending) {
      if (vm != null && byCid.remove(vm.cid(), vm)) {
        byName.remove(vm.name());
        ending.add(vm);
      }
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
          () -> live.contains(name, cid),
          () -> live.said("CID " + cid, name));
      return new Running(name, cid, Guest.withoutRetries(door(cid)));
    }

    void close() {
      byCid.values().forEach(vm -> vm.guest().close());
    }
  }

  private static byte[] request(String name, int number) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(7, content(name, number)))
        .build()
        .toByteArray();
  }

  private static String content(String name, int number) {
    return "said by " + name + " " + number;
  }

  /** What the daemon says of VMs in its own log. Thread-safe. */
  private static final class LiveVms extends Handler {
    private static final String LIVE = " is live";
    private static final String GONE = " is gone";

    private final Set<String> generations = ConcurrentHashMap.newKeySet();
    private final List<String> said = new CopyOnWriteArrayList<>();

    boolean contains(String name, int cid) {
      String begin = "VM alice/%s (CID %d, ".formatted(name, cid);
      return generations.stream().anyMatch(generation -> generation.startsWith(begin));
    }

    /** All that was said with one of these words. */
    String said(String... words) {
      return said.stream()
          .filter(line -> Stream.of(words).anyMatch(line::contains))
          .collect(Collectors.joining("\n"));
    }

    @Override
    public void publish(LogRecord record) {
      String line = record.getMessage();
      said.add(line);
      if (line.endsWith(LIVE)) {
        generations.add(line.substring(0, line.length() - LIVE.length()));
      } else if (line.endsWith(GONE)) {
        generations.remove(line.substring(0, line.length() - GONE.length()));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
