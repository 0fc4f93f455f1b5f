package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PythonGuest;
import org.vmlog.testing.StreamGuest;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Tmpfs;

/** Streams when the disk is full, the source too fast, or the forwarder told to end. */
final class StreamFaultTest {
  @TempDir Path folder;

  @Test
  void kill_betweenTwoPushes_isNothingToTheGuest() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      StreamGuest push = StreamGuest.push(guest, "boot");
      push.send(1, 40).send(41, 2).awaitAck(42);
      forwarder.kill();
    }
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      StreamGuest push = StreamGuest.push(guest, "boot");
      assertThat(push.watermark()).isEqualTo(42);
      push.send(40, 10).awaitAck(49);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
    assertThat(LogFiles.numbers(host.log("alice", "web-1"))).isEqualTo(upTo(49));
  }

  @Test
  void sigterm_inFullFlow_tellsTheGuestOfAllThatStands() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      Thread terminator = new Thread(() -> terminate(forwarder));
      for (long next = 1; !push.hasEnded(); next += 10) {
        push.send(next, 10);
        if (next == 1001) {
          push.awaitAck(500);
          terminator.start();
        }
      }
      terminator.join();
      assertThat(push.status().getCode()).as(push.toString()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(push.status().getDescription()).isEqualTo("this connection is about to be closed");
      assertThat(LogFiles.numbers(host.log("alice", "web-1")))
          .isEqualTo(upTo((int) push.lastSeq()));
    }
  }

  private static void terminate(ForwarderProcess forwarder) {
    try {
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What stands is acknowledged, in the middle of a batch, too; the rest is sent again. */
  @Test
  void fullDisk_thatIsGivenSpace_leavesEveryRecordOnce() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    Path log = host.log("alice", "web-1");
    int records = 3000;
    try (Tmpfs disk = Tmpfs.mount(log.getParent(), "size=64k");
        ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      long last = 0;
      int refusals = 0;
      while (last < records) {
        StreamGuest push = StreamGuest.push(guest, "boot");
        for (long next = push.watermark() + 1; next <= records; next += 50) {
          push.send(next, (int) Math.min(50, records + 1 - next));
        }
        push.halfClose();
        Status status = push.status();
        last = push.lastSeq();
        if (!status.isOk()) {
          assertThat(status.getCode()).as(push.toString()).isEqualTo(Status.Code.UNAVAILABLE);
          assertThat(status.getDescription()).isEqualTo("the log could not be written");
          refusals++;
        }
        if (refusals == 2) {
          assertThat(LogFiles.endsOnLine(log)).isTrue();
          assertThat(LogFiles.numbers(log)).isEqualTo(upTo((int) last));
          disk.remount("size=4m");
        }
      }
      assertThat(refusals).isGreaterThanOrEqualTo(2);
      assertThat(LogFiles.numbers(log)).isEqualTo(upTo(records));
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
  }

  @Test
  void push_overItsRate_isReadNoFurtherAndLosesNothing() throws Exception {
    TestHost host =
        new TestHost(folder)
            .withVm("alice", "web-1")
            .with("[limits]\nrecords_per_second = 2000\nburst = 2000");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      int records = 5000; // a second and a half too many
      for (int next = 1; next <= records; next += 100) {
        push.send(next, 100);
      }
      push.halfClose();
      assertThat(push.status().isOk()).as(push.toString()).isTrue();
      assertThat(LogFiles.lines(host.log("alice", "web-1"))).hasSize(records);
      assertThat(LogFiles.numbers(host.log("alice", "web-1"))).isEqualTo(upTo(records));
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
  }

  /** gRPC's C core, and messages that share nothing with the generated classes. */
  @Test
  void push_ofAGuestInPython_isAnsweredAndGoesOn() throws Exception {
    assumeTrue(PythonGuest.isAvailable(), "python3-grpcio is missing");
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    String target = "unix:" + host.grpcSocket("alice", "web-1");
    try (ForwarderProcess forwarder = host.start()) {
      assertThat(PythonGuest.push(target, "boot", "1:first,second", "3:third"))
          .isEqualTo("0 … 3 OK");
      assertThat(PythonGuest.push(target, "boot", "2:second,third,fourth")).isEqualTo("3 … 4 OK");
      assertThat(PythonGuest.push(target, "boot", "0:zero")).isEqualTo("4 … 4 INVALID_ARGUMENT");
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
    assertThat(LogFiles.lines(host.log("alice", "web-1")))
        .extracting(line -> line.substring(line.lastIndexOf(' ') + 1))
        .containsExactly("first", "second", "third", "fourth");
  }

  /** A slow disk and a guest that sends far more than may wait: it waits with what it has. */
  @Test
  void push_ofMoreThanMayWait_isTakenAsThereIsRoom() throws Exception {
    TestHost host =
        new TestHost(folder)
            .withVm("alice", "web-1")
            .with("[limits]\npipe = \"64KiB\"\nrecords_per_second = 1000000");
    LogRequest.Builder large = LogRequest.newBuilder();
    for (int i = 0; i < 2000; i++) {
      large.addRecords(Guest.record(StreamGuest.EPOCH, "x".repeat(500)));
    }
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        StreamGuest push = StreamGuest.push(guest, "boot")) {
      push.send(1, large.build()).send(2001, large.build()).halfClose();
      Await.until("it is over", push::hasEnded, push::toString);
      assertThat(push.status().isOk()).as(push.toString()).isTrue();
      List<String> lines = LogFiles.lines(host.log("alice", "web-1"));
      assertThat(lines).hasSize(4000);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }
}
