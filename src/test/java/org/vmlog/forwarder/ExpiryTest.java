package org.vmlog.forwarder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.config.ForwarderConfigReader;
import org.vmlog.platform.ServiceManager;
import org.vmlog.testing.Await;
import org.vmlog.testing.TestHost;

/** The files of VMs that no longer start, in a whole daemon. */
class ExpiryTest {
  @TempDir private Path folder;

  @Test
  void logs_ofVmsThatAreNotLive_goWhenTheyAreTooOld() throws Exception {
    TestHost host =
        new TestHost(folder).with("[logs.rotation]\nexpire = \"1s\"").withVm("alice", "silent");
    Path dormant = plant(host.log("alice", "gone"));
    Path live = plant(host.log("alice", "silent"));

    try (ForwarderDaemon daemon =
        ForwarderDaemon.start(
            new ForwarderConfigReader(Map.of()).read(host.config()),
            List.of(),
            ServiceManager.of(Map.of()))) {
      Await.until("the old file is gone", () -> Files.notExists(dormant));
      assertThat(live).exists();
    }
  }

  private static Path plant(Path log) throws Exception {
    Files.createDirectories(log.getParent());
    Files.writeString(log, "Jan  1 00:00:00 host kernel: bye\n");
    return Files.setLastModifiedTime(log, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
  }
}
