package org.vmlog.lifecycle.dbus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vmlog.bus.BusConnection;
import org.vmlog.identity.Change;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.Generation;
import org.vmlog.identity.SourceRegistry;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.lifecycle.VmLifecycle;
import org.vmlog.lifecycle.VmMemory;
import org.vmlog.lifecycle.VmObserver;
import org.vmlog.proto.concierge.ExtendedVmInfo;
import org.vmlog.proto.concierge.ListVmsRequest;
import org.vmlog.proto.concierge.ListVmsResponse;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.PrivateBus;

/** What concierge lists, held against what is known, over a real bus. */
@Timeout(120)
class ConciergeVmsTest {
  private static final VmObserver NOBODY =
      new VmObserver() {
        @Override
        public void opened(Generation generation) {}

        @Override
        public void closed(Generation generation) {}
      };

  /** What they say is provoked here. */
  private static final List<Logger> LOGS =
      List.of(
          Logger.getLogger(VmLifecycle.class.getName()),
          Logger.getLogger(Reconciliation.class.getName()));

  private final SourceRegistry registry = new SourceRegistry();
  private final LifecycleCounters counters = new LifecycleCounters();
  private final ExecutorService lifecycleThread = Executors.newSingleThreadExecutor();
  private final VmLifecycle lifecycle =
      new VmLifecycle(registry, NOBODY, lifecycleThread, counters, VmMemory.NONE);
  private final ExecutorService asking = Executors.newSingleThreadExecutor();
  private final List<String> owners = new CopyOnWriteArrayList<>(List.of("alice", "bob"));
  private final AtomicReference<String> uniqueName = new AtomicReference<>();
  private PrivateBus bus;
  private @Nullable BusConnection connection;
  private @Nullable ConciergeVms vms;

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void createBus() throws Exception {
    LOGS.forEach(log -> log.setLevel(Level.OFF));
    bus = PrivateBus.create();
  }

  @AfterEach
  void close() {
    if (connection != null) {
      connection.close();
    }
    if (vms != null) {
      vms.close();
    }
    bus.close();
    lifecycleThread.shutdownNow();
    LOGS.forEach(log -> log.setLevel(null));
  }

  @Test
  void connect_conciergeHasVms_makesThemLive() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.has("alice", "web-1", 42).has("bob", "db", 43).has("carol", "unheard-of", 44);

      connect(lifecycle::apply);

      assertThat(live()).isEqualTo(Map.of("alice/web-1", 42L, "bob/db", 43L));
      assertThat(counters.lists().value()).isEqualTo(2);
      concierge.vmStartingUp("carol", "unheard-of", 44);
      awaitLive(Map.of("alice/web-1", 42L, "bob/db", 43L, "carol/unheard-of", 44L));
    }
  }

  @Test
  void connect_knownVms_goStayOrChangeAsListed() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.has("alice", "stays", 42).has("alice", "restarted", 53).has("alice", "new", 44);
      start("alice", "stays", 42);
      start("alice", "restarted", 43);
      start("alice", "gone", 44);
      start("carol", "not-asked-for", 45);
      long number = registry.byCid(42).orElseThrow().number();

      connect(lifecycle::apply);

      assertThat(live())
          .isEqualTo(
              Map.of(
                  "alice/stays", 42L,
                  "alice/restarted", 53L,
                  "alice/new", 44L,
                  "carol/not-asked-for", 45L));
      assertThat(registry.byCid(42).orElseThrow().number()).isEqualTo(number);
    }
  }

  @Test
  void newConcierge_afterACrash_isAskedAndTheLastSignalOfTheOldCounts() throws Exception {
    bus.start();
    FakeConcierge young = FakeConcierge.prepare(bus.address());
    try (young;
        FakeConcierge old = FakeConcierge.start(bus.address())) {
      connect(lifecycle::apply);
      old.vmStartingUp("alice", "web-1", 42);
      old.vmStartingUp("alice", "web-2", 43);
      old.vmStartingUp("alice", "web-3", 44);
      awaitLive(Map.of("alice/web-1", 42L, "alice/web-2", 43L, "alice/web-3", 44L));

      old.vmStopped("alice", "web-1", 42);
      old.crash();
      young.has("alice", "web-1", 42).has("alice", "web-2", 43).has("bob", "db", 45).takeName();

      // It lists web-1, which the old one said had stopped: the newest word is the list's.
      awaitLive(Map.of("alice/web-1", 42L, "alice/web-2", 43L, "bob/db", 45L));
      assertThat(counters.ignoredStops().value()).isZero();
      assertThat(counters.wrongSender().value()).isZero();
    }
  }

  @Test
  void signals_whileTheListIsUnderWay_areNotUndoneByIt() throws Exception {
    bus.start();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.has("alice", "stops", 42).has("alice", "stays", 43).has("alice", "restarts", 44);
      concierge.answering(
          request -> {
            byte[] old = concierge.list(request);
            asked.countDown();
            Await.down(gate);
            return old;
          });
      begin(lifecycle::apply);
      Await.down(asked);

      concierge.vmStopped("alice", "stops", 42);
      concierge.vmStartingUp("alice", "starts", 45);
      concierge.vmStartingUp("alice", "restarts", 46);
      awaitLive(Map.of("alice/starts", 45L, "alice/restarts", 46L));
      gate.countDown();
      awaitLists();

      assertThat(live())
          .isEqualTo(Map.of("alice/starts", 45L, "alice/restarts", 46L, "alice/stays", 43L));
    }
  }

  @Test
  void list_withTheCidOfAVmSignalledMeanwhile_doesNotTakeItBack() throws Exception {
    bus.start();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.has("alice", "former", 42).has("alice", "other", 43);
      concierge.answering(
          request -> {
            byte[] old = concierge.list(request);
            asked.countDown();
            Await.down(gate);
            return old;
          });
      begin(lifecycle::apply);
      Await.down(asked);

      concierge.loses("alice", "former"); // without a signal
      concierge.vmStartingUp("alice", "latter", 42);
      awaitLive(Map.of("alice/latter", 42L));
      gate.countDown();
      awaitLists();

      assertThat(live()).isEqualTo(Map.of("alice/latter", 42L, "alice/other", 43L));
    }
  }

  @Test
  void list_thatComesWhileSignalsWait_takesEffectAfterThem() throws Exception {
    bus.start();
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    List<VmEvent> order = new CopyOnWriteArrayList<>();
    owners.remove("bob");
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.answering(
          request -> {
            asked.countDown();
            Await.down(answer);
            return concierge.list(request);
          });
      begin(
          event -> {
            order.add(event);
            Await.down(gate); // as a signal thread that has much to do
            return lifecycle.apply(event);
          });
      Await.down(asked);
      concierge.vmStartingUp("alice", "web-1", 42);
      concierge.vmStopped("alice", "web-1", 42);
      concierge.vmStartingUp("alice", "web-2", 42);
      Await.until("the first signal is being handled", () -> !order.isEmpty());
      answer.countDown();
      Await.value(asking.submit(() -> {})); // who asked has the answer
      gate.countDown();
      awaitLists();

      assertThat(order).hasSize(4);
      assertThat(order.get(3)).isInstanceOf(VmEvent.Listed.class);
      assertThat(live()).isEqualTo(Map.of("alice/web-2", 42L));
      assertThat(registry.byCid(42).orElseThrow().number()).as("not restarted").isEqualTo(2);
    }
  }

  @Test
  void list_thatNeverComes_holdsUpNothing() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address()).hanging()) {
      start("alice", "known", 41);
      ConciergeVms hanging = begin(lifecycle::apply);
      hanging.awaitListed(Duration.ofMillis(50));

      concierge.vmStartingUp("alice", "web-1", 42);
      concierge.vmStopped("alice", "known", 41);

      awaitLive(Map.of("alice/web-1", 42L));
      concierge.releaseName();
      // One that answers is not kept waiting by one that does not.
      try (FakeConcierge young = FakeConcierge.prepare(bus.address())) {
        young.has("bob", "db", 43).takeName();
        awaitLive(Map.of("bob/db", 43L));
      }
    }
  }

  private enum Garbage {
    NO_PROTOBUF,
    EMPTY,
    FAILURE,
    VM_OF_ANOTHER,
    VM_WITHOUT_NAME
  }

  @ParameterizedTest
  @EnumSource
  void list_thatIsGarbage_isLeftOutAndTheNextOneCounts(Garbage garbage) throws Exception {
    bus.start();
    byte[] answer = answer(garbage);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      start("alice", "web-1", 42);
      concierge.has("bob", "db", 43);
      concierge.answering(
          request ->
              new String(request, UTF_8).contains("alice") ? answer : concierge.list(request));

      connect(lifecycle::apply);

      assertThat(live()).isEqualTo(Map.of("alice/web-1", 42L, "bob/db", 43L));
      assertThat(counters.failedLists().value()).isEqualTo(1);
      assertThat(counters.lists().value()).isEqualTo(1);
    }
  }

  private static byte[] answer(Garbage garbage) {
    ListVmsResponse.Builder list = ListVmsResponse.newBuilder().setSuccess(true);
    return switch (garbage) {
      case NO_PROTOBUF -> new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff};
      case EMPTY -> new byte[0];
      case FAILURE ->
          ListVmsResponse.newBuilder().setFailureReason("out of order").build().toByteArray();
      case VM_OF_ANOTHER ->
          list.addVms(ExtendedVmInfo.newBuilder().setName("x").setOwnerId("bob"))
              .build()
              .toByteArray();
      case VM_WITHOUT_NAME ->
          list.addVms(ExtendedVmInfo.newBuilder().setOwnerId("alice")).build().toByteArray();
    };
  }

  @Test
  void list_withACidOfNoGuest_leavesThatVmAsItWas() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      start("alice", "web-1", 42);
      concierge.has("alice", "web-1", 0).has("alice", "web-2", -1).has("alice", "web-3", 43);

      connect(lifecycle::apply);

      assertThat(live()).isEqualTo(Map.of("alice/web-1", 42L, "alice/web-3", 43L));
      assertThat(counters.refusedClaims().value()).isEqualTo(2);
    }
  }

  @Test
  void list_conciergeOfAnotherVersion_changesNothing() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      start("alice", "web-1", 42);
      concierge.answering(
          request -> {
            throw new DBusExecutionException("no such method");
          });

      connect(lifecycle::apply);

      assertThat(live()).isEqualTo(Map.of("alice/web-1", 42L));
      assertThat(counters.failedLists().value()).as("the next owner is not asked for").isEqualTo(1);
    }
  }

  @Test
  void list_ofAForger_isNotEvenPassedOn() throws Exception {
    bus.start();
    owners.remove("bob");
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address());
        FakeConcierge forger = FakeConcierge.forger(bus.address())) {
      start("alice", "web-1", 42);
      concierge.has("alice", "web-1", 42);
      concierge.answering(
          request -> {
            asked.countDown();
            Await.down(gate);
            return concierge.list(request);
          });
      begin(lifecycle::apply);
      Await.down(asked);

      byte[] forged = forger.has("alice", "evil", 66).list(request("alice"));
      forger.forgeReplies(uniqueName.get(), forged);
      gate.countDown();
      awaitLists();

      assertThat(live()).isEqualTo(Map.of("alice/web-1", 42L));
      assertThat(counters.lists().value()).isEqualTo(1);
      assertThat(counters.failedLists().value()).isZero();
    }
  }

  private static byte[] request(String owner) {
    return ListVmsRequest.newBuilder().setOwnerId(owner).build().toByteArray();
  }

  @Test
  void connect_noConcierge_doesNotWaitForOne() throws Exception {
    bus.start();
    start("alice", "web-1", 42);

    connect(lifecycle::apply);

    assertThat(live()).isEqualTo(Map.of("alice/web-1", 42L));
    assertThat(counters.lists().value()).isZero();
  }

  @Test
  void bus_thatWasRestarted_bringsTheListAgain() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.has("alice", "web-1", 42);
      connect(lifecycle::apply);
      awaitLive(Map.of("alice/web-1", 42L));
    }
    bus.stop();
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.prepare(bus.address())) {
      concierge.has("alice", "web-2", 43).takeName();

      awaitLive(Map.of("alice/web-2", 43L));
    }
  }

  private void start(String owner, String name, long cid) {
    VmSpec vm = VmSpec.ofCid(new VmId(owner, name), cid);
    Await.value(lifecycle.apply(new VmEvent.Started(Claimant.Source.CONCIERGE, vm)));
  }

  /** Returns when what concierge lists is live. */
  private void connect(Function<VmEvent, CompletableFuture<Change>> events) {
    begin(events);
    awaitLists();
  }

  /** Returns when concierge's signals are followed. */
  private ConciergeVms begin(Function<VmEvent, CompletableFuture<Change>> events) {
    ConciergeVms created =
        new ConciergeVms(events, () -> new ArrayList<>(owners), asking, counters);
    vms = created;
    BusConnection connecting =
        new BusConnection(
            bus.address(),
            Thread::new,
            session -> {
              created.onConnected(session);
              uniqueName.set(session.getUniqueName());
            });
    connection = connecting;
    connecting.start();
    connecting.awaitFirstAttempt(Await.PATIENCE);
    assertThat(uniqueName.get()).isNotNull();
    return created;
  }

  private void awaitLists() {
    vms.awaitListed(Await.PATIENCE);
  }

  private void awaitLive(Map<String, Long> expected) {
    Await.until(expected + " are live", () -> live().equals(expected), () -> live().toString());
  }

  private Map<String, Long> live() {
    Map<String, Long> live = new TreeMap<>();
    registry.live().forEach(vm -> live.put(vm.id().toString(), vm.cid()));
    return live;
  }
}
