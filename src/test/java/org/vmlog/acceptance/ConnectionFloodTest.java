package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.TestHost;

/**
 * Ten thousand connections from a VM, a user of this host and nobody in particular, up to a
 * thousand of them at a time: every live VM gets one all the same, and no memory is lost to them.
 */
final class ConnectionFloodTest {
  private static final int CONNECTIONS = 10_000;
  private static final int PEERS = 4;
  private static final int OPEN_AT_ONCE = 1000;
  private static final int VMS = 20;

  @TempDir private Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void tenThousandConnections_everyLiveVmGetsOneAndMemoryStays() throws Exception {
    InetSocketAddress tcp = TestHost.freeTcpAddress();
    TestHost host = new TestHost(folder).withTcp(tcp).withVm("alice", "bad");
    for (int vm = 0; vm < VMS; vm++) {
      host.withVm("bob", "vm-" + vm);
    }
    List<SocketAddress> doors =
        List.of(
            UnixDomainSocketAddress.of(host.grpcSocket("alice", "bad")),
            UnixDomainSocketAddress.of(host.forwarderSocket()),
            tcp);
    try (ForwarderProcess forwarder = host.start()) {
      ProcessFacts facts = new ProcessFacts(forwarder.pid());
      // The heap takes its memory and the classes are loaded with the first: not what is measured.
      List<Long> nanos = new ArrayList<>(flood(host, doors));
      double before = facts.residentMb();
      nanos.addAll(flood(host, doors));
      double after = facts.residentMb();

      assertThat(facts.liveInstances("org.vmlog.wire.GuestConnection"))
          .as("connections in memory")
          .isLessThan(OPEN_AT_ONCE);
      assertThat(after - before).as("MiB of memory for the connections").isLessThan(32);
      forwarder.awaitLog("it has as many as it may");
      for (int vm = 0; vm < VMS; vm++) {
        assertThat(LogFiles.lines(host.log("bob", "vm-" + vm)))
            .hasSize(nanos.size() / VMS)
            .allMatch(line -> line.endsWith(" a newcomer"));
      }
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
      long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
      System.out.printf(
          "%d connections twice beside %d newcomers: from connecting to the answer p50 %.1f ms,"
              + " p99 %.1f ms; %.0f MiB more memory%n",
          CONNECTIONS,
          sorted.length,
          sorted[sorted.length / 2] / 1e6,
          sorted[sorted.length * 99 / 100] / 1e6,
          after - before);
    }
  }

  /** All those connections, and newcomers beside them; answers how long each of these took. */
  private List<Long> flood(TestHost host, List<SocketAddress> doors) throws Exception {
    List<Future<Integer>> peers = new ArrayList<>();
    for (int peer = 0; peer < PEERS; peer++) {
      int first = peer;
      peers.add(threads.submit(() -> connect(doors, first)));
    }
    List<Long> nanos = new ArrayList<>();
    while (!peers.stream().allMatch(Future::isDone)) {
      nanos.addAll(newcomers(host));
    }
    for (Future<Integer> peer : peers) {
      assertThat(peer.get()).isEqualTo(CONNECTIONS / PEERS);
    }
    return nanos;
  }

  /** Each VM connects anew and logs a record; answers how long each took. */
  private static List<Long> newcomers(TestHost host) {
    List<Long> nanos = new ArrayList<>();
    for (int vm = 0; vm < VMS; vm++) {
      long began = System.nanoTime();
      try (Guest guest = Guest.on(host.grpcSocket("bob", "vm-" + vm))) {
        guest.send(
            Guest.Method.USER,
            LogRequest.newBuilder().addRecords(Guest.record(7, "a newcomer")).build());
      }
      nanos.add(System.nanoTime() - began);
    }
    return nanos;
  }

  private static int connect(List<SocketAddress> doors, int first) throws IOException {
    ArrayDeque<SocketChannel> open = new ArrayDeque<>();
    int connected = 0;
    try {
      for (int i = 0; i < CONNECTIONS / PEERS; i++) {
        open.addLast(SocketChannel.open(doors.get((first + i) % doors.size())));
        connected++;
        if (open.size() > OPEN_AT_ONCE / PEERS) {
          open.removeFirst().close();
        }
      }
      return connected;
    } finally {
      for (SocketChannel channel : open) {
        channel.close();
      }
    }
  }
}
