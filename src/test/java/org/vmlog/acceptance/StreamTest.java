package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.StreamGuest;
import org.vmlog.testing.TestHost;

/** Streams of guests that know them, against the forwarder as a process. */
final class StreamTest {
  @TempDir Path folder;

  @Test
  void push_acrossAKill_goesOnWhereItWas() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    Path log = host.log("alice", "web-1");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      StreamGuest push = StreamGuest.push(guest, "boot-1");
      assertThat(push.watermark()).isZero();
      push.send(1, 40).send(41, 2).awaitAck(42);
      forwarder.kill();
    }
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      StreamGuest push = StreamGuest.push(guest, "boot-1");
      assertThat(push.watermark()).isEqualTo(42);
      push.send(40, 10).awaitAck(49);
      push.halfClose();
      assertThat(push.status().isOk()).as(push.toString()).isTrue();
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
    assertThat(LogFiles.numbers(log)).isEqualTo(upTo(49));
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }
}
