package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.ProcessFacts;
import org.vmlog.testing.TestHost;

/** Requests of the largest size there may be, in every format: they take no memory for long. */
final class LargestRequestsTest {
  private static final int MAX_RECORDS = 65_536;
  private static final int MAX_BYTES = 4 << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"rfc3164", "rfc5424", "chromeos"})
  void requests_ofTheLargestSize_areWrittenOrCountedInLittleMemory(String format) throws Exception {
    TestHost host =
        new TestHost(folder)
            .with("[logs]\nformat = \"%s\"".formatted(format))
            .with("[logs.rotation]\nmax_size = \"1GiB\"")
            .withVm("alice", "web-1");
    Path log = host.log("alice", "web-1");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, one(new byte[100]));
      ProcessFacts facts = new ProcessFacts(forwarder.pid());
      double before = facts.residentMb();

      guest.send(Guest.Method.KERNEL, empties(MAX_RECORDS));
      assertThat(lines(log)).isEqualTo(1 + MAX_RECORDS);
      guest.send(Guest.Method.USER, empties(MAX_BYTES / 2 - 100));
      byte[] content = new byte[MAX_BYTES - 100];
      guest.send(Guest.Method.USER, one(content)); // NUL, of which each becomes four bytes
      Arrays.fill(content, (byte) 0xff);
      guest.send(Guest.Method.KERNEL, one(content));

      assertThat(facts.residentMb() - before).as("MiB of memory").isLessThan(32);
      assertThat(LogFiles.records(LogFiles.lines(log)))
          .isEqualTo(1 + MAX_RECORDS + (MAX_BYTES / 2 - 100) + 2);
      // Each of the two is a line that was cut, and one that says so; the rest is counted in one or
      // two lines: what is over the limit of a request, and what is over the source's rate.
      assertThat(lines(log)).isLessThanOrEqualTo(1 + 2 * MAX_RECORDS + 2 + 2 * 2);
      assertThat(LogFiles.lines(log).stream().mapToInt(String::length).max().orElse(0))
          .isLessThanOrEqualTo(1 << 20);
      assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
    }
  }

  private static long lines(Path log) throws IOException {
    long[] count = new long[1];
    LogFiles.forEachLine(log, line -> count[0]++);
    return count[0];
  }

  private static byte[] one(byte[] content) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(LogSeverity.INFO, 7, content))
        .build()
        .toByteArray();
  }

  /** Records that say nothing, of two bytes each. */
  private static byte[] empties(int records) {
    byte[] request = new byte[2 * records];
    for (int i = 0; i < request.length; i += 2) {
      request[i] = 0x0a; // field 1, a record; its length is the 0 that follows
    }
    return request;
  }
}
