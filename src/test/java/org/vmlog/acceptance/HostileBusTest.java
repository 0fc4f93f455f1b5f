package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.TestHost;

/**
 * Any user of the host may send signals to every program on the system bus, as many and as large as
 * the bus lets through. They take no memory for long, and concierge is heard beside them.
 */
final class HostileBusTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path folder;

  @Test
  void signals_ofAForgerLargeAndMany_takeNoMemoryAndHoldUpNoOther() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start()) {
      TestHost host =
          new TestHost(folder).with("[dbus]\naddress = \"%s\"".formatted(bus.address()));
      try (ForwarderProcess forwarder = host.start();
          FakeConcierge concierge = FakeConcierge.start(bus.address());
          Forgers forgers = new Forgers(bus.address())) {
        announce(host, forwarder, concierge, 0);
        ProcessFacts facts = new ProcessFacts(forwarder.pid());
        double before = facts.residentMb();

        forgers.send(30 * MIB, 2); // the bus allows 32 MiB
        announce(host, forwarder, concierge, 1);
        forgers.send(MIB - 1000, 50); // what the forwarder still reads
        announce(host, forwarder, concierge, 2);
        forgers.send(100, 2000);
        announce(host, forwarder, concierge, 3);

        assertThat(facts.residentMb() - before).as("MiB of memory").isLessThan(32);
        forwarder.awaitLog("is left out: the arguments have 314572");
        assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
      }
    }
  }

  /** A few of them at once. */
  private static final class Forgers implements AutoCloseable {
    private final List<FakeConcierge> forgers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Forgers(String address) throws Exception {
      for (int i = 0; i < 3; i++) {
        forgers.add(FakeConcierge.forger(address));
      }
    }

    /** Each sends so many; returns when the bus has passed them on. */
    void send(int bytes, int times) {
      byte[] argument = new byte[bytes];
      List<Future<?>> sent = new ArrayList<>();
      for (FakeConcierge forger : forgers) {
        sent.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < times; i++) {
                    forger.emit(FakeConcierge.PATH, "VmStartingUpSignal", "ay", (Object) argument);
                  }
                  return forger;
                }));
      }
      sent.forEach(Await::value);
    }

    @Override
    public void close() {
      threads.shutdownNow();
      forgers.forEach(FakeConcierge::close);
    }
  }

  private static void announce(
      TestHost host, ForwarderProcess forwarder, FakeConcierge concierge, int vm) throws Exception {
    concierge.vmStartingUp("alice", "vm-" + vm, 100 + vm);
    Path socket = host.grpcSocket("alice", "vm-" + vm);
    Await.until("VM " + vm + " is live", () -> Files.exists(socket), forwarder::log);
  }
}
