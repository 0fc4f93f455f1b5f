package org.vmlog.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How many descriptors this process may have open: RLIMIT_NOFILE of getrlimit(2). A JVM raises its
 * soft limit to the hard one as it starts. Thread-safe.
 */
public final class DescriptorLimit {
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final String NAME = "Max open files";

  private DescriptorLimit() {}

  /** The limit that is in force now. */
  public static int ofThisProcess() throws IOException {
    return parse(Files.readAllLines(LIMITS));
  }

  /** Of the lines of proc_pid_limits(5): the name, then the soft and the hard limit. */
  static int parse(List<String> limits) throws IOException {
    for (String line : limits) {
      if (line.startsWith(NAME)) {
        String soft = line.substring(NAME.length()).strip().split("\\s+", 2)[0];
        return soft.equals("unlimited")
            ? Integer.MAX_VALUE
            : (int) Math.min(Integer.MAX_VALUE, Long.parseLong(soft));
      }
    }
    throw new IOException(LIMITS + " has no line \"" + NAME + "\"");
  }
}
