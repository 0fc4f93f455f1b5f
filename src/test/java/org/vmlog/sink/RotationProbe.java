package org.vmlog.sink;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.vmlog.logs.Layout;
import org.vmlog.logs.LogFileName;

/**
 * A process of its own that writes numbered lines to a log which is rotated and compressed every
 * few of them, and prints the number of each that is written, so that strace(1) may kill it in any
 * system call.
 */
final class RotationProbe {
  private RotationProbe() {}

  public static void main(String[] arguments) throws Exception {
    SyncMode sync = arguments.length > 1 ? SyncMode.valueOf(arguments[1]) : SyncMode.NEVER;
    try (VmLogFile file = open(Path.of(arguments[0]), sync)) {
      for (int i = 0; i < 20; i++) {
        if (file.write(Lines.of(List.of("line " + i))) instanceof WriteResult.Complete) {
          System.out.println(i);
        }
      }
    }
  }

  /** Three lines in a file. */
  static VmLogFile open(Path folder) throws Exception {
    return open(folder, SyncMode.NEVER);
  }

  private static VmLogFile open(Path folder, SyncMode sync) throws Exception {
    return new VmLogFile(
        Quotas.none(LogDirectory.open(folder, Layout.PLAIN, folder.resolve(".state")), 100),
        new LogFileName(List.of("alice"), "web"),
        new RotationPolicy(25, Duration.ofDays(1), 100, true),
        sync,
        new LogCompressor(Runnable::run));
  }
}
