package org.vmlog.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What /proc says of a process, proc(5). Thread-safe. */
record ProcessFacts(long pid) {
  /** USER_HZ, in which the kernel tells times to user space whatever it counts in itself. */
  private static final double TICKS_PER_SECOND = 100;

  /** User and system time of all its threads so far, in seconds. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // The second field is the command in parentheses, which may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    int state = 3;
    long ticks = Long.parseLong(fields[14 - state]) + Long.parseLong(fields[15 - state]);
    return ticks / TICKS_PER_SECOND;
  }

  /** Resident memory now, in MB of 2^20 bytes. */
  double residentMb() throws IOException {
    return statusMb("VmRSS:");
  }

  /** The most it ever was. */
  double peakResidentMb() throws IOException {
    return statusMb("VmHWM:");
  }

  private double statusMb(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("/proc/" + pid + "/status has no " + key);
  }
}
