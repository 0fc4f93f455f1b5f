package org.vmlog.sink;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;

/**
 * A process of its own that writes four lines to a log file and prints what became of each, so that
 * strace(1) may have its system calls fail.
 */
final class SyncProbe {
  private SyncProbe() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    SyncMode mode = SyncMode.valueOf(arguments[1]);
    RotationPolicy policy = new RotationPolicy(1 << 20, Duration.ofDays(1), 3, false);
    DiskQuota quota =
        Quotas.none(LogDirectory.open(folder, Layout.PLAIN, folder.resolve(".state")), 3);
    LogFileName name = new LogFileName(List.of("alice"), "web");
    try (VmLogFile file =
        new VmLogFile(quota, name, policy, mode, new LogCompressor(Runnable::run))) {
      for (int i = 0; i < 4; i++) {
        WriteResult result = file.write(Lines.of(List.of("line " + i)));
        System.out.println(
            result instanceof WriteResult.Failed failed
                ? "failed after " + failed.bytes() + ": " + failed.cause().getMessage()
                : "written " + result.bytes() + (file.syncDue() == null ? "" : ", sync due"));
      }
    }
  }
}
