package org.vmlog.lifecycle.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.vmlog.identity.Claimant.Source.CONCIERGE;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.freedesktop.dbus.types.UInt32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.bus.BusConnection;
import org.vmlog.bus.NameOwner;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;
import org.vmlog.lifecycle.LifecycleCounters;
import org.vmlog.lifecycle.VmEvent;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.PrivateBus;

@Timeout(60)
class ConciergeSignalsTest {
  private static final VmEvent STARTED =
      new VmEvent.Started(
          CONCIERGE, VmSpec.ofCid(new VmId("alice", "web-1"), 42).withType("termina"));
  private static final VmEvent STOPPED =
      new VmEvent.Stopped(CONCIERGE, new VmId("alice", "web-1"), 42);
  private static final byte[] NO_PROTOBUF = {(byte) 0xff, (byte) 0xff, (byte) 0xff};

  /** Field 1 (name), two bytes that are no UTF-8; field 2 (owner), "o". */
  private static final byte[] NO_UTF8 = {0x0a, 2, (byte) 0xc3, 0x28, 0x12, 1, 'o'};

  private final BlockingQueue<VmEvent> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> connections = new LinkedBlockingQueue<>();
  private final LifecycleCounters counters = new LifecycleCounters();
  private PrivateBus bus;
  private @Nullable BusConnection connection;

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void createBus() throws Exception {
    bus = PrivateBus.create();
  }

  @AfterEach
  void close() {
    if (connection != null) {
      connection.close();
    }
    bus.close();
  }

  @Test
  void vmStartingUpAndStopped_ofConcierge_areEvents() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      listen(events::add);

      concierge.vmStartingUp("alice", "web-1", 42);
      concierge.vmStopped("alice", "web-1", 42);

      assertThat(next()).isEqualTo(STARTED);
      assertThat(next()).isEqualTo(STOPPED);
    }
  }

  /** Plugin VM has no vsock. */
  @Test
  void vmStartingUp_withCid0_isOfAVmWithoutOne() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      listen(events::add);

      concierge.vmStartingUp("alice", "web-1", 0);

      assertThat(next())
          .isEqualTo(
              new VmEvent.Started(
                  CONCIERGE, VmSpec.named(new VmId("alice", "web-1")).withType("termina")));
    }
  }

  @Test
  void vmStopped_withTheCidAlone_isOfWhicheverVmHasIt() throws Exception {
    bus.start();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      listen(events::add);

      concierge.vmStopped("", "", 42);

      assertThat(next()).isEqualTo(new VmEvent.CidStopped(CONCIERGE, 42));
    }
  }

  @Test
  void vmStartingUp_ofAForger_isCountedAndIgnored() throws Exception {
    bus.start();
    listen(events::add);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address());
        FakeConcierge forger = FakeConcierge.forger(bus.address())) {

      forger.vmStartingUp("alice", "web-1", 66);
      forger.vmStopped("alice", "web-1", 42);
      concierge.vmStartingUp("alice", "web-1", 42);

      assertThat(next()).isEqualTo(STARTED);
      assertThat(counters.wrongSender().value()).isEqualTo(2);
      assertThat(counters.malformed().value()).isZero();
    }
  }

  @Test
  void vmStartingUp_whileNobodyOwnsTheName_isCountedAndIgnored() throws Exception {
    bus.start();
    listen(events::add);
    try (FakeConcierge forger = FakeConcierge.forger(bus.address())) {
      forger.vmStartingUp("alice", "web-1", 66);
    }
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.vmStartingUp("alice", "web-1", 42);

      assertThat(next()).isEqualTo(STARTED);
      assertThat(counters.wrongSender().value()).isEqualTo(1);
    }
  }

  @Test
  void nameOwnerChanged_sentToUsByAForger_changesNothing() throws Exception {
    Path dbusSend = Path.of("/usr/bin/dbus-send");
    assumeTrue(Files.isExecutable(dbusSend), "dbus-send is missing (Debian package dbus-bin)");
    bus.start();
    connect(events::add).start();
    String us = connections.poll(20, TimeUnit.SECONDS);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address());
        FakeConcierge forger = FakeConcierge.forger(bus.address())) {
      Process send =
          new ProcessBuilder(
                  dbusSend.toString(),
                  "--bus=" + bus.address(),
                  "--dest=" + us,
                  "--type=signal",
                  "/org/freedesktop/DBus",
                  "org.freedesktop.DBus.NameOwnerChanged",
                  "string:" + FakeConcierge.NAME,
                  "string:" + concierge.uniqueName(),
                  "string:" + forger.uniqueName())
              .inheritIO()
              .start();
      assertThat(send.waitFor()).isZero();

      forger.vmStartingUp("alice", "web-1", 66);
      concierge.vmStartingUp("alice", "web-1", 42);

      assertThat(next()).isEqualTo(STARTED);
      assertThat(counters.wrongSender().value()).isEqualTo(1);
    }
  }

  @Test
  void signal_thatIsNotAsConciergeSendsIt_isCountedAndIgnored() throws Exception {
    bus.start();
    listen(events::add);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.emit("/org/chromium/Other", "VmStartingUpSignal", "ay", new byte[0]);
      concierge.emit(FakeConcierge.PATH, "VmStartingUpSignal", "s", "alice");
      concierge.emit(FakeConcierge.PATH, "VmStoppedSignal", "ayu", new byte[0], new UInt32(1));
      concierge.emit(FakeConcierge.PATH, "VmStartingUpSignal", "ay", NO_PROTOBUF);
      concierge.emit(FakeConcierge.PATH, "VmStoppedSignal", "ay", NO_UTF8);
      concierge.emit(FakeConcierge.PATH, "VmStartingUpSignal", "ay", new byte[0]);
      concierge.vmStartingUp("alice", "", 42);
      concierge.vmStartingUp("alice", "web-1", 42);

      assertThat(next()).isEqualTo(STARTED);
      assertThat(counters.malformed().value()).isEqualTo(7);
      assertThat(counters.wrongSender().value()).isZero();
    }
  }

  @Test
  void onConnected_busComesLater_followsItsSignals() throws Exception {
    BusConnection waiting = connect(events::add);
    waiting.start();
    bus.start();
    assertThat(connections.poll(20, TimeUnit.SECONDS)).isNotNull();

    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.vmStartingUp("alice", "web-1", 42);
      assertThat(next()).isEqualTo(STARTED);
    }
  }

  @Test
  void onConnected_busComesBack_followsItsSignalsAgain() throws Exception {
    bus.start();
    listen(events::add);
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.vmStartingUp("alice", "web-1", 42);
      assertThat(next()).isEqualTo(STARTED);
      bus.stop();
    }

    bus.start();

    assertThat(connections.poll(20, TimeUnit.SECONDS)).isNotNull();
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.vmStopped("alice", "web-1", 42);
      assertThat(next()).isEqualTo(STOPPED);
    }
  }

  @Test
  void signal_afterConciergeRestarted_countsOnlyFromTheNewOne() throws Exception {
    bus.start();
    listen(events::add);
    try (FakeConcierge old = FakeConcierge.start(bus.address())) {
      old.vmStartingUp("alice", "web-1", 42);
      assertThat(next()).isEqualTo(STARTED);
      old.releaseName();
      try (FakeConcierge young = FakeConcierge.start(bus.address())) {

        old.vmStartingUp("alice", "web-1", 66);
        young.vmStopped("alice", "web-1", 42);

        assertThat(next()).isEqualTo(STOPPED);
        assertThat(counters.wrongSender().value()).isEqualTo(1);
      }
    }
  }

  @Test
  void vmStopped_justBeforeConciergeCrashed_stillCounts() throws Exception {
    bus.start();
    CountDownLatch gate = new CountDownLatch(1);
    listen(event -> pass(gate, event));
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.vmStartingUp("alice", "web-1", 42); // its handler waits at the gate
      concierge.vmStopped("alice", "web-1", 42);
      concierge.crash();
    }
    // That another can have the name shows that the bus has taken it from the dead one.
    try (FakeConcierge young = FakeConcierge.start(bus.address())) {
      gate.countDown();

      assertThat(next()).isEqualTo(STARTED);
      assertThat(next()).isEqualTo(STOPPED);
      assertThat(counters.wrongSender().value()).isZero();
      young.vmStartingUp("alice", "web-1", 42);
      assertThat(next()).isEqualTo(STARTED);
    }
  }

  @Test
  void signal_queuedWhenTheBusDies_stillCounts() throws Exception {
    bus.start();
    CountDownLatch gate = new CountDownLatch(1);
    listen(event -> pass(gate, event));
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      concierge.vmStartingUp("alice", "web-1", 42); // its handler waits at the gate
      concierge.vmStopped("alice", "web-1", 42);
      bus.stop();
    }
    gate.countDown();

    assertThat(next()).isEqualTo(STARTED);
    assertThat(next()).isEqualTo(STOPPED);
  }

  private void pass(CountDownLatch gate, VmEvent event) {
    try {
      gate.await();
      events.add(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when signals are followed. */
  private void listen(Consumer<VmEvent> consumer) throws Exception {
    connect(consumer).start();
    assertThat(connections.poll(20, TimeUnit.SECONDS)).isNotNull();
  }

  private BusConnection connect(Consumer<VmEvent> consumer) {
    ConciergeSignals signals = new ConciergeSignals(consumer, counters);
    BusConnection created =
        new BusConnection(
            bus.address(),
            Thread::new,
            session -> {
              signals.follow(session, NameOwner.follow(session, FakeConcierge.NAME, () -> {}));
              connections.add(session.getUniqueName());
            });
    connection = created;
    return created;
  }

  private @Nullable VmEvent next() throws InterruptedException {
    return events.poll(20, TimeUnit.SECONDS);
  }
}
