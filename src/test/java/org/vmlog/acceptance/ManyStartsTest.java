package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;

/**
 * Five hundred VMs start and stop while they log, ten at a time, one after the other under each of
 * ten CIDs; one VM logs all the while.
 */
@Timeout(300)
final class ManyStartsTest {
  private static final int CIDS = 10;
  private static final int VMS_PER_CID = 50;
  private static final int FIRST_CID = 100;

  /** Of every so many VMs the stop is not signalled: the next start has to do. */
  private static final int STOP_IS_LOST = 5;

  @TempDir Path folder;

  /** A VM that was, and whether its last request, sent as it stopped, was answered with OK. */
  private record Gone(String owner, String name, boolean lastIsWritten) {}

  @Test
  void fiveHundredVms_startingAndStoppingWhileLogging_eachHaveTheirLinesAndLeaveNothing()
      throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start();
        FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      TestHost host =
          new TestHost(folder)
              .with("[dbus]\naddress = \"" + bus.address() + "\"")
              .withVm("alice", "steady");
      try (ForwarderProcess forwarder = host.start();
          Guest steady = Guest.on(host.grpcSocket("alice", "steady"))) {
        steady.send(Guest.Method.USER, Realms.request("steady 0"));
        long descriptors = descriptors(forwarder);
        ConcurrentLinkedQueue<Gone> gone = new ConcurrentLinkedQueue<>();

        int sent = 1;
        ExecutorService launchers = Executors.newFixedThreadPool(CIDS);
        try {
          List<Future<?>> running = new ArrayList<>();
          for (int launcher = 0; launcher < CIDS; launcher++) {
            int number = launcher;
            running.add(launchers.submit(() -> startAndStop(concierge, host, number, gone)));
          }
          while (running.stream().anyMatch(one -> !one.isDone())) {
            steady.send(Guest.Method.USER, Realms.request("steady " + sent++));
          }
          for (Future<?> one : running) {
            Object unused = one.get();
          }
        } finally {
          launchers.shutdownNow();
        }

        assertThat(LogFiles.numbers(host.log("alice", "steady"))).hasSize(sent).isSorted();
        assertThat(gone).hasSize(CIDS * VMS_PER_CID);
        Await.until("all are closed", () -> counter(bus, "vms_closed") == CIDS * VMS_PER_CID);
        assertThat(counter(bus, "vms_opened")).isEqualTo(CIDS * VMS_PER_CID + 1);
        for (Gone vm : gone) {
          assertThat(host.grpcSocket(vm.owner(), vm.name())).doesNotExist();
          assertThat(host.datagramSocket(vm.owner(), vm.name())).doesNotExist();
          assertHasItsOwnLines(host, vm);
        }
        Await.until(
            "their descriptors are closed",
            () -> descriptors(forwarder) <= descriptors,
            () -> descriptors(forwarder) + " are open; before it were " + descriptors);
      }
    }
  }

  private static Void startAndStop(
      FakeConcierge concierge, TestHost host, int number, ConcurrentLinkedQueue<Gone> gone)
      throws Exception {
    String owner = "owner-" + number;
    int cid = FIRST_CID + number;
    for (int i = 0; i < VMS_PER_CID; i++) {
      String name = "vm-" + i;
      concierge.vmStartingUp(owner, name, cid);
      Path socket = host.grpcSocket(owner, name);
      Await.until(name + " of " + owner + " is live", () -> Files.exists(socket));
      try (Guest guest = Guest.on(socket)) {
        guest.send(Guest.Method.KERNEL, Realms.request(owner + " " + name + " 0"));
        guest.send(Guest.Method.USER, Realms.request(owner + " " + name + " 1"));
        Future<byte[]> last =
            guest.sendAsync(Guest.Method.USER, Realms.request(owner + " " + name + " 2"));
        if (i % STOP_IS_LOST != 0 || i == VMS_PER_CID - 1) {
          concierge.vmStopped(owner, name, cid);
        }
        gone.add(new Gone(owner, name, isWritten(last)));
      }
    }
    return null;
  }

  /** A guest that is slow to say it may find its VM gone. */
  private static boolean isWritten(Future<byte[]> request) throws InterruptedException {
    try {
      byte[] unused = request.get();
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }

  private static void assertHasItsOwnLines(TestHost host, Gone vm) throws IOException {
    Path log = host.log(vm.owner(), vm.name());
    assertThat(LogFiles.numbers(log)).as(log.toString()).startsWith(0, 1);
    if (vm.lastIsWritten()) {
      assertThat(LogFiles.numbers(log)).as(log.toString()).containsExactly(0, 1, 2);
    }
    assertThat(LogFiles.lines(log))
        .allMatch(line -> line.contains(" " + vm.owner() + " " + vm.name() + " "), log.toString());
  }

  private static long counter(PrivateBus bus, String name) throws Exception {
    try (ForwarderClient client = ForwarderClient.connect(bus.address())) {
      return (Long) client.counters().get(name);
    }
  }

  private static long descriptors(ForwarderProcess forwarder) {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + forwarder.pid() + "/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
