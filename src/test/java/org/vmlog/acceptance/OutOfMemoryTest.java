package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
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
import org.vmlog.testing.MemoryHog;
import org.vmlog.testing.MemoryHog.Memory;
import org.vmlog.testing.RawHttp2;
import org.vmlog.testing.TestHost;

/**
 * Without memory the forwarder ends at once and says so, for its service manager to start it again,
 * and nothing that was acknowledged is lost. No peer can bring it there by what it sends ({@link
 * AttackTest}), so something within takes its memory here.
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
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    try (ForwarderProcess forwarder = installed.startForwarder(host.config());
        Guest web1 = Guest.on(host.grpcSocket("alice", "web-1"))) {
      List<Integer> acknowledged = log(web1, 50);
      MemoryHog.begin(forwarder.pid(), Memory.HEAP, folder);
      assertEnded(forwarder, "java.lang.OutOfMemoryError: Java heap space");
      assertGoesOn(host, acknowledged);
    }
  }

  @Test
  void directMemoryExhausted_exitsAndStartsAgain() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1").withVm("alice", "web-2");
    LogRequest.Builder many = LogRequest.newBuilder();
    for (int i = 0; i < 30_000; i++) {
      many.addRecords(Guest.record(7, "of which many wait in the pipe " + i));
    }
    try (ForwarderProcess forwarder = installed.startForwarder(host.config());
        Guest web1 = Guest.on(host.grpcSocket("alice", "web-1"));
        Guest web2 = Guest.on(host.grpcSocket("alice", "web-2"))) {
      List<Integer> acknowledged = log(web1, 50);
      MemoryHog.begin(forwarder.pid(), Memory.DIRECT, folder);
      var unused = web2.sendAsync(Guest.Method.USER, many.build().toByteArray());
      assertEnded(forwarder, "out of memory, ending: Cannot reserve ");
      assertGoesOn(host, acknowledged);
    }
  }

  /** Larger than all the heap there is for it; it was what ended a forwarder once. */
  @Test
  void request_largerThanTheHeapHasRoomFor_isRefusedAndNobodyElseIsHarmed() throws Exception {
    TestHost host =
        new TestHost(folder)
            .with("[limits]\nmax_request = \"32MiB\"")
            .withVm("alice", "web-1")
            .withVm("alice", "web-2");
    try (ForwarderProcess forwarder = installed.startForwarder(host.config(), "-Xmx24m");
        Guest web1 = Guest.on(host.grpcSocket("alice", "web-1"));
        Guest web2 = Guest.on(host.grpcSocket("alice", "web-2"))) {
      List<Integer> acknowledged = log(web1, 50);
      forwarder.awaitLog("limits.max_request and limits.pipe are 34603008 bytes together, and ");
      assertThatThrownBy(() -> web2.send(Guest.Method.USER, new byte[30 << 20]))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageStartingWith("RESOURCE_EXHAUSTED: too much is being sent at once: ");
      web1.send(Guest.Method.USER, request("record 50"));
      assertThat(forwarder.terminate()).isZero();
      assertThat(LogFiles.numbers(host.log("alice", "web-1"))).hasSize(acknowledged.size() + 1);
    }
  }

  /** Unfinished requests take no direct memory, however many of them there are. */
  @Test
  void unfinishedRequests_withLittleDirectMemory_harmNobody() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1").withVm("alice", "web-2");
    List<RawHttp2> peers = new ArrayList<>();
    try (ForwarderProcess forwarder =
            installed.startForwarder(host.config(), "-XX:MaxDirectMemorySize=4m");
        Guest web1 = Guest.on(host.grpcSocket("alice", "web-1"))) {
      forwarder.awaitLog("limits.pipes_total is 25165824 bytes, and the JVM's direct memory is ");
      for (int i = 0; i < 4; i++) {
        peers.add(
            RawHttp2.connect(host.grpcSocket("alice", "web-2"))
                .preface()
                .callHeaders(1)
                .message(1, 4 << 20, new byte[0], false));
      }
      byte[] part = new byte[16_000];
      for (int round = 0; round < 200; round++) {
        for (RawHttp2 peer : peers) {
          peer.drain();
          var unused = peer.more(1, part);
        }
      }
      List<Integer> acknowledged = log(web1, 50);
      assertThat(forwarder.terminate()).isZero();
      assertThat(LogFiles.numbers(host.log("alice", "web-1"))).isEqualTo(acknowledged);
    } finally {
      for (RawHttp2 peer : peers) {
        peer.close();
      }
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
