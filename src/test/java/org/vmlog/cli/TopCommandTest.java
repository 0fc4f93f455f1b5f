package org.vmlog.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.exposition.MetricsEndpoint;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.Threads;

/** {@code vmlog top} as it is typed where there is no terminal. */
final class TopCommandTest {
  @TempDir Path folder;
  private final AtomicLong records = new AtomicLong();
  private MetricsEndpoint metrics;
  private VmlogRun vmlog;

  /** What is asked for has had a thousand records more than the time before. */
  @BeforeEach
  void serve() throws IOException {
    Path socket = folder.resolve("metrics.sock");
    metrics =
        MetricsEndpoint.onUnix(
            socket,
            new SocketAccess(0600, Optional.empty()),
            Threads.named("metrics"),
            () ->
                """
                vmlog_source_records_total{kind="vm",name="web-1",owner="alice",severity="info"} %d
                vmlog_source_written_bytes_total{kind="vm",name="web-1",owner="alice",severity="info"} 9
                vmlog_source_records_dropped_total{kind="vm",name="web-1",owner="alice",reason="rate_limit"} 7
                vmlog_source_records_total{kind="vm",name="db-1",owner="bob",severity="info"} 1
                vmlog_source_written_bytes_total{kind="vm",name="db-1",owner="bob",severity="info"} 10
                vmlog_source_last_written_timestamp_seconds{kind="vm",name="db-1",owner="bob"} 1
                vmlog_log_size_bytes{log="alice/web-1.log"} 50
                vmlog_log_quota_bytes 100
                """
                    .formatted(records.addAndGet(1000))
                    .getBytes(UTF_8));
    vmlog = new VmlogRun(folder).with("VMLOG_METRICS", "unix:" + socket);
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void top_withoutATerminal_printsOnce() {
    List<String> lines = out("-i0.1");
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0))
        .isEqualTo("VM           RECORDS/S    BYTES/S CONN REFUSED QUOTA  LAST  DROPPED");
    assertThat(lines.get(1))
        .matches("alice/web-1  +\\d+(\\.\\d)?        0 B    0       0   50%     -  7 rate-limit");
    assertThat(lines.get(2))
        .isEqualTo("bob/db-1           0.0        0 B    0       0     - 20778d  0");
  }

  @Test
  void top_onATerminalWithoutAScreen_printsOnce() {
    vmlog.onTerminal().with("TERM", "dumb");
    assertThat(out("-i0.1")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "name,alice/web-1",
    "records,alice/web-1",
    "bytes,bob/db-1",
    "dropped,alice/web-1",
    "used,alice/web-1",
    "last,bob/db-1",
  })
  void sort_byEachColumn_hasThisFirst(String column, String first) {
    assertThat(out("-i0.1", "--sort=" + column).get(1)).startsWith(first);
    assertThat(out("-i0.1", "-s", column, "-r").get(2)).startsWith(first);
    assertThat(out("-i0.1", "--reverse", "-s", column).get(2)).startsWith(first);
  }

  @Test
  void globs_sayWhichAreMeant() {
    assertThat(out("-i0.1", "*-1", "!alice/*")).hasSize(2).last().asString().startsWith("bob/db-1");
  }

  /** The thousand of each look are that many a second or fewer. */
  @ParameterizedTest
  @ValueSource(strings = {"-i2", "--interval=2"})
  void interval_isHowLongIsCounted(String option) {
    String rate = out(option).get(1).split(" +", 3)[1];
    assertThat(Double.parseDouble(rate)).isLessThanOrEqualTo(500);
  }

  @Test
  void metrics_areAskedForWhereItIsSaid() {
    String socket = "unix:" + folder.resolve("metrics.sock");
    vmlog.with("VMLOG_METRICS", "");
    assertThat(out("-i0.1", "--metrics", socket)).hasSize(3);
    VmlogRun.Result none = vmlog.run("top", "--metrics=unix:" + folder + "/none");
    assertThat(none.code()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(none.err())
        .startsWith("unix:" + folder + "/none: ")
        .endsWith("; vmlog doctor says what is wrong\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-s size",
        "-i 0",
        "-i 0.05",
        "-i 3601",
        "-i NaN",
        "-i x",
        "--color blue",
        "--metrics tcp"
      })
  void usage_thatIsWrong_saysWhatIsAllowed(String arguments) {
    VmlogRun.Result result = vmlog.run(("top " + arguments).split(" "));
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).containsAnyOf("; allowed ", "is not a double");
  }

  private List<String> out(String... arguments) {
    String[] line = new String[arguments.length + 1];
    line[0] = "top";
    System.arraycopy(arguments, 0, line, 1, arguments.length);
    VmlogRun.Result result = vmlog.run(line);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out().lines().toList();
  }
}
