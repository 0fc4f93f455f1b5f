package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Installation;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.RawHttp2;
import org.vmlog.testing.TestHost;

/** Few descriptors: connections do not take those of files, and without any, open files go on. */
final class DescriptorsTest {
  private static final int RECORDS = 1000;

  /** Of 5 requests to a file. */
  private static final String SMALL_FILES =
      "[logs.rotation]\nmax_size = \"256KiB\"\nkeep = 100\ncompress = false";

  private static final String TEXT = "x".repeat(100);

  @TempDir Path folder;
  private int sent;

  @Test
  void connections_ofHostilePeers_leaveFilesTheDescriptorsTheyNeed() throws Exception {
    int vms = 10;
    TestHost host = new TestHost(folder).with(SMALL_FILES);
    for (int vm = 0; vm < vms; vm++) {
      host.withVm("alice", "vm-" + vm);
    }
    List<Guest> guests = new ArrayList<>();
    List<RawHttp2> peers = new ArrayList<>();
    int limit = descriptorsWithoutConnections(host) + 8 * vms; // and half of those to come
    try (ForwarderProcess forwarder = host.startUnder("prlimit", "--nofile=" + limit)) {
      forwarder.awaitLog("this process may have no more than " + limit + " open files (ulimit -n)");
      for (int vm = 0; vm < vms; vm++) {
        guests.add(Guest.on(host.grpcSocket("alice", "vm-" + vm)));
        guests.get(vm).send(Guest.Method.USER, LogRequest.getDefaultInstance());
      }
      for (int i = 0; i < 8 * vms; i++) {
        peers.add(RawHttp2.connect(host.grpcSocket("alice", "vm-" + i % vms)));
        peers.add(RawHttp2.connect(host.forwarderSocket()));
      }
      forwarder.awaitLog("it has as many as it may");

      for (int vm = 0; vm < vms; vm++) {
        sent = 0;
        send(guests.get(vm), 5);
        Path log = host.log("alice", "vm-" + vm);
        assertThat(LogFiles.of(log)).as("the files of VM %d", vm).hasSizeGreaterThan(1);
        assertThat(LogFiles.numbers(log)).isEqualTo(upTo(sent));
      }
      assertThat(forwarder.log()).doesNotContain("could not accept", "Too many open files");
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    } finally {
      guests.forEach(Guest::close);
      for (RawHttp2 peer : peers) {
        peer.close();
      }
    }
  }

  /**
   * Some are for the jars of the class path, of which tests have more than the installed program.
   */
  private static int descriptorsWithoutConnections(TestHost host) throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      int open = new ProcessFacts(forwarder.pid()).descriptors().size();
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
      return open;
    }
  }

  @Test
  void noneLeft_openFilesGoOnAndAcceptingPausesUntilThereAre() throws Exception {
    TestHost host = new TestHost(folder).with(SMALL_FILES).withVm("alice", "web-1");
    Path log = host.log("alice", "web-1");
    Installation installed = Installation.in(folder.resolve("installed"));
    try (ForwarderProcess forwarder = installed.startForwarder(host.config());
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      send(guest, 5);
      int rotated = LogFiles.of(log).size();
      assertThat(rotated).isGreaterThan(1);
      Set<Integer> open = new ProcessFacts(forwarder.pid()).descriptors();
      int firstFree = IntStream.range(0, 1000).filter(i -> !open.contains(i)).min().orElseThrow();
      limitDescriptors(forwarder, firstFree);

      send(guest, 10);
      assertThat(LogFiles.of(log)).hasSize(rotated);
      assertThat(LogFiles.numbers(log)).isEqualTo(upTo(sent));
      forwarder.awaitLog("which grows on: ");

      try (Guest late = Guest.on(host.grpcSocket("alice", "web-1"))) {
        var answer = late.sendAsync(Guest.Method.USER, new byte[0]);
        forwarder.awaitLog("could not accept a connection, pausing 1 s");
        assertThat(cpuShare(forwarder, Duration.ofSeconds(3))).isLessThan(0.33);
        send(guest, 1);
        assertThat(answer.isDone()).isFalse();

        limitDescriptors(forwarder, firstFree + 100);
        answer.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      Await.until(
          "the file is rotated again",
          () -> {
            send(guest, 1);
            return LogFiles.of(log).size() > rotated;
          },
          forwarder::log);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
      assertThat(LogFiles.numbers(log)).isEqualTo(upTo(sent));
    }
  }

  /** How much of one core it has used meanwhile. */
  private static double cpuShare(ForwarderProcess forwarder, Duration period) throws Exception {
    ProcessFacts facts = new ProcessFacts(forwarder.pid());
    double before = facts.cpuSeconds();
    Thread.sleep(period.toMillis());
    return (facts.cpuSeconds() - before) / period.toSeconds();
  }

  private static void limitDescriptors(ForwarderProcess forwarder, int soft) throws Exception {
    Process prlimit =
        new ProcessBuilder(
                "prlimit", "--pid", Long.toString(forwarder.pid()), "--nofile=" + soft + ":")
            .inheritIO()
            .start();
    assertThat(prlimit.waitFor()).isZero();
  }

  private void send(Guest guest, int requests) throws IOException {
    for (int request = 0; request < requests; request++) {
      LogRequest.Builder builder = LogRequest.newBuilder();
      for (int i = 0; i < RECORDS; i++) {
        builder.addRecords(Guest.record(7, TEXT + " " + sent++));
      }
      guest.send(Guest.Method.USER, builder.build());
    }
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }
}
