package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.logs.Layout;

class LogRepairTest {
  @TempDir Path temp;

  @Test
  void run_logsAreNotMountedYet_keepsTheirIds() throws Exception {
    Path ids = writeALog("web");
    Files.move(temp.resolve("logs"), temp.resolve("elsewhere"));

    LogRepair.run(directory(), 5, SyncMode.NEVER);

    assertThat(ids).isNotEmptyFile();
  }

  @Test
  void run_oneLogIsGone_forgetsItsIdsAlone() throws Exception {
    Path gone = writeALog("gone");
    Path ids = writeALog("web");
    Files.delete(temp.resolve("logs/alice/gone.log"));

    LogRepair.run(directory(), 5, SyncMode.NEVER);

    assertThat(ids).isNotEmptyFile();
    assertThat(gone).doesNotExist();
  }

  private Path writeALog(String stem) throws IOException {
    RotationPolicy policy = new RotationPolicy(1 << 20, Duration.ofDays(1), 5, false);
    try (VmLogFile file =
        new VmLogFile(
            Quotas.none(directory(), 5),
            LogFolder.name(stem),
            policy,
            SyncMode.NEVER,
            new LogCompressor(Runnable::run))) {
      LogFolder.write(file, 1, 10);
    }
    return temp.resolve("state/logs/alice/" + stem + ".ids");
  }

  private LogDirectory directory() throws IOException {
    return LogDirectory.open(temp.resolve("logs"), Layout.PLAIN, temp.resolve("state"));
  }
}
