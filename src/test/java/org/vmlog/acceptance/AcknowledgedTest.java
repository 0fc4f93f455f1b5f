package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/** OK means written: no acknowledged record is lost, whatever happens a moment later. */
final class AcknowledgedTest {
  private static final int ROUNDS = 20;

  @TempDir Path folder;

  @Test
  void record_thatWasAcknowledged_survivesASigkillRightAfter() throws Exception {
    TestHost host = new TestHost(folder).withVm("alice", "web-1");
    List<Integer> acknowledged = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (ForwarderProcess forwarder = host.start();
          Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
        guest.send(
            Guest.Method.USER,
            LogRequest.newBuilder().addRecords(Guest.record(7, "record " + round)).build());
        forwarder.kill();
      }
      acknowledged.add(round);
      assertThat(LogFiles.numbers(host.log("alice", "web-1"))).isEqualTo(acknowledged);
    }
  }
}
