package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whether stderr leads to the journal. {@code $JOURNAL_STREAM} is {@code DEVICE:INODE} of the
 * stream that systemd gave to a service; a child may have inherited the variable and not the
 * stream, so the numbers are compared with stderr's, as systemd.exec(5) advises. Thread-safe.
 */
public final class JournalStream {
  private static final Path STDERR = Path.of("/proc/self/fd/2");

  public static boolean isStderr(Map<String, String> environment) {
    return matches(environment.getOrDefault("JOURNAL_STREAM", ""), STDERR);
  }

  static boolean matches(String journalStream, Path stream) {
    if (journalStream.isEmpty()) {
      return false;
    }
    try {
      Object device = Files.getAttribute(stream, "unix:dev");
      Object inode = Files.getAttribute(stream, "unix:ino");
      return journalStream.equals(device + ":" + inode);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private JournalStream() {}
}
