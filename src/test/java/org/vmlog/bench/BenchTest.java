package org.vmlog.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.ForwarderProcess;

/**
 * That {@code make bench} runs, and that every line of what is sent is found in the files. Its
 * figures mean nothing.
 */
class BenchTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rsyslog imptcp",
        "syslog-ng",
        "unary 40, 16 VMs",
        "stream 40, 8 VMs",
        "datagrams"
      })
  void comparison_quick_findsEveryLine(String name) throws Exception {
    Comparison comparison = new Comparison(ForwarderProcess::start, folder, 1, true);

    comparison.run(name);

    assertThat(comparison.table().toString().lines().skip(2))
        .as("a row, if there is such a server here")
        .allMatch(row -> row.startsWith("| " + name))
        .hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void latency_withRotation_findsEveryLineInWhatWasRotated() throws Exception {
    Latency latency = new Latency(ForwarderProcess::start, folder, 1, true);

    Latency.Measured measured = latency.measure("rotation", 2, Latency.ROTATED);

    assertThat(measured.p99().median()).isGreaterThanOrEqualTo(measured.p50().median());
  }

  @Test
  void table_ofTargets_saysWhatIsReachedAndWhatIsNot() {
    List<Target> targets =
        List.of(
            Target.atMost("CPU", 0.5, 0.4, 0.5),
            Target.atMost("latency", 3, 2),
            Target.atLeast("speed", 2.5, 2));

    assertThat(Target.table(targets).toString())
        .isEqualTo(
            """
            | target  | figure |  to be |                   |
            |---------|-------:|-------:|------------------:|
            | CPU     |   0.50 | ≤ 0.40 | reaches the floor |
            | latency |   3.00 | ≤ 2.00 |            missed |
            | speed   |   2.50 | ≥ 2.00 |           reached |
            """);
  }
}
