package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether stderr leads to the kernel's log: to /dev/kmsg, by whatever name. Thread-safe. */
final class KernelLogStream {
  private static final Path STDERR = Path.of("/proc/self/fd/2");

  /** Major 1, minor 11; see the kernel's Documentation/admin-guide/devices.txt. */
  private static final long KMSG = 1 << 8 | 11;

  static boolean isStderr() {
    return matches(STDERR);
  }

  static boolean matches(Path stream) {
    try {
      return ((Number) Files.getAttribute(stream, "unix:rdev")).longValue() == KMSG;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private KernelLogStream() {}
}
