package org.vmlog.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.ForwarderProcess;

/** That {@code make bench} runs, and that all that is sent is found. Its figures mean nothing. */
class BenchTest {
  @TempDir Path folder;

  @Test
  void comparison_quick_findsEveryLineOfEveryServer() throws Exception {
    Comparison comparison = new Comparison(ForwarderProcess::start, folder, 1, true);

    comparison.run("");

    assertThat(comparison.table().toString())
        .contains("| unary 1, 8 VMs")
        .contains("| unary 1000, 8 VMs")
        .contains("| datagrams");
    assertThat(Target.table(comparison.targets()).toString()).contains("MB after load");
  }

  @Test
  void latency_quick_findsEveryLineInWhatWasRotated() throws Exception {
    Latency latency = new Latency(ForwarderProcess::start, folder, 1, true);

    latency.run();

    assertThat(latency.targets()).hasSize(4);
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
            | target  | figure |  to be |                 |
            |---------|-------:|-------:|----------------:|
            | CPU     |   0.50 | ≤ 0.40 | above the floor |
            | latency |   3.00 | ≤ 2.00 |          missed |
            | speed   |   2.50 | ≥ 2.00 |         reached |
            """);
  }
}
