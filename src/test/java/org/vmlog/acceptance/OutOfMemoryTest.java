package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Installation;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.RawHttp2;
import org.vmlog.testing.TestHost;

/**
 * Without memory the forwarder ends at once and says so, for its service manager to start it again,
 * and nothing that was acknowledged is lost. With the memory that it ships with no peer can bring
 * it there ({@link AttackTest}), so it has less here.
 */
final class OutOfMemoryTest {
  private static final int EXIT_CODE = 3;

  @TempDir private static Path programs;
  private static Installation installed;

  @TempDir private Path folder;

  @BeforeAll
  static void install() throws IOException {
    installed = Installation.in(programs);
  }

  @Test
  void heapExhausted_exitsAndStartsAgain() throws Exception {
    TestHost host =
        new TestHost(folder)
            .with("[limits]\nmax_request = \"32MiB\"")
            .withVm("alice", "web-1")
            .withVm("alice", "web-2");
    try (ForwarderProcess forwarder = installed.startForwarder(host.config(), "-Xmx24m");
        Guest web1 = Guest.on(host.grpcSocket("alice", "web-1"));
        Guest web2 = Guest.on(host.grpcSocket("alice", "web-2"))) {
      List<Integer> acknowledged = log(web1, 50);
      forwarder.awaitLog("limits.max_request is 33554432 bytes, and the JVM's heap is ");
      var unused = web2.sendAsync(Guest.Method.USER, new byte[30 << 20]);
      assertEnded(forwarder, "java.lang.OutOfMemoryError: Java heap space");
      assertGoesOn(host, acknowledged);
    }
  }

  @Test
  void directMemoryExhausted_exitsAndStartsAgain() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1").withVm("alice", "web-2");
    List<RawHttp2> peers = new ArrayList<>();
    try (ForwarderProcess forwarder =
            installed.startForwarder(host.config(), "-XX:MaxDirectMemorySize=4m");
        Guest web1 = Guest.on(host.grpcSocket("alice", "web-1"))) {
      forwarder.awaitLog("limits.pipes_total is 25165824 bytes, and the JVM's direct memory is ");
      List<Integer> acknowledged = log(web1, 50);
      for (int i = 0; i < 4; i++) {
        peers.add(
            RawHttp2.connect(host.grpcSocket("alice", "web-2"))
                .preface()
                .callHeaders(1)
                .message(1, 4 << 20, new byte[0], false));
      }
      send(peers, forwarder);
      assertEnded(forwarder, "out of memory, ending: Cannot reserve ");
      assertGoesOn(host, acknowledged);
    } finally {
      for (RawHttp2 peer : peers) {
        peer.close();
      }
    }
  }

  /** More of each request, until there is nobody to send it to. */
  private static void send(List<RawHttp2> peers, ForwarderProcess forwarder) {
    byte[] part = new byte[16_000];
    try {
      while (forwarder.isAlive()) {
        for (RawHttp2 peer : peers) {
          peer.drain();
          var unused = peer.more(1, part);
        }
      }
    } catch (IOException e) {
      // It has ended.
    }
  }

  private static void assertEnded(ForwarderProcess forwarder, String why) throws IOException {
    assertThat(forwarder.await()).as(forwarder.log()).isEqualTo(EXIT_CODE);
    assertThat(forwarder.log() + forwarder.output()).contains(why);
  }

  private static void assertGoesOn(TestHost host, List<Integer> acknowledged) throws Exception {
    try (ForwarderProcess again = installed.startForwarder(host.config());
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request("record 50"));
      assertThat(again.terminate()).isZero();
    }
    List<Integer> all = new ArrayList<>(acknowledged);
    all.add(50);
    assertThat(LogFiles.numbers(host.log("alice", "web-1"))).isEqualTo(all);
  }

  private static List<Integer> log(Guest guest, int records) {
    for (int i = 0; i < records; i++) {
      guest.send(Guest.Method.USER, request("record " + i));
    }
    return IntStream.range(0, records).boxed().toList();
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder().addRecords(Guest.record(7, content)).build();
  }
}
