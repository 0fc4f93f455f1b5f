package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/**
 * One VM logs far more than it may: what is over is counted in its own file to the last record, and
 * nobody else is refused anything, or loses a line. ({@code make bench BENCH=--flood} measures what
 * it costs the others.)
 */
final class FloodTest {
  private static final int FLOODERS = 8;
  private static final int REQUESTS = 3; // of each at once, as often as there are ROUNDS
  private static final int ROUNDS = 3;
  private static final int RECORDS = 1000;
  private static final int OTHERS = 5;

  @TempDir private Path folder;

  @Test
  void flooder_farOverItsRate_isCountedAndTheOthersLoseNothing() throws Exception {
    TestHost host =
        new TestHost(folder)
            .with("[limits]\nrecords_per_second = 1000\nburst = 3000")
            .with("[limits]\nbytes_per_second = \"1GiB\"")
            .withVm("alice", "flooder");
    for (int vm = 0; vm < OTHERS; vm++) {
      host.withVm("bob", "vm-" + vm);
    }
    List<Guest> flooders = new ArrayList<>();
    List<Guest> others = new ArrayList<>();
    try (ForwarderProcess forwarder = host.start()) {
      for (int i = 0; i < FLOODERS; i++) {
        flooders.add(Guest.on(host.grpcSocket("alice", "flooder")));
      }
      for (int vm = 0; vm < OTHERS; vm++) {
        others.add(Guest.on(host.grpcSocket("bob", "vm-" + vm)));
      }
      int sent = 0;
      int logged = 0;
      for (int round = 0; round < ROUNDS; round++) {
        List<Future<byte[]>> flood = new ArrayList<>();
        for (int i = 0; i < FLOODERS * REQUESTS; i++) {
          byte[] request = request("flooder", RECORDS);
          flood.add(flooders.get(i % FLOODERS).sendAsync(Guest.Method.USER, request));
          sent += RECORDS;
        }
        while (!flood.stream().allMatch(Future::isDone)) {
          for (Guest guest : others) {
            guest.send(Guest.Method.USER, request("quiet " + logged, 1)); // throws if not OK
          }
          logged++;
          Thread.sleep(20); // their own pace, far under their rate
        }
        for (Future<byte[]> answer : flood) {
          answer.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS); // OK for the flooder, too
        }
      }
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();

      for (int vm = 0; vm < OTHERS; vm++) {
        assertThat(LogFiles.numbers(host.log("bob", "vm-" + vm)))
            .isEqualTo(IntStream.range(0, logged).boxed().toList());
        assertThat(dropped(host.log("bob", "vm-" + vm))).isZero();
      }
      Path log = host.log("alice", "flooder");
      long dropped = dropped(log);
      assertThat(dropped).as("records dropped").isPositive();
      assertThat(dropped + written(log)).isEqualTo(sent);
    } finally {
      flooders.forEach(Guest::close);
      others.forEach(Guest::close);
    }
  }

  private static byte[] request(String content, int records) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(Guest.record(7, content));
    }
    return request.build().toByteArray();
  }

  private static long written(Path log) throws IOException {
    return LogFiles.lines(log).stream().filter(line -> line.endsWith(" flooder flooder")).count();
  }

  /** What the forwarder's own lines count, for whatever reason. */
  private static long dropped(Path log) throws IOException {
    return LogFiles.lines(log).stream()
        .filter(line -> line.contains(" records dropped ("))
        .mapToLong(line -> Long.parseLong(line.replaceAll(".* forwarder: (\\d+) records.*", "$1")))
        .sum();
  }
}
