package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What /proc says of a process, proc(5). Thread-safe. */
public record ProcessFacts(long pid) {
  /** USER_HZ, in which the kernel tells times to user space whatever it counts in itself. */
  private static final double TICKS_PER_SECOND = 100;

  /** User and system time of all its threads so far, in seconds. */
  public double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // The second field is the command in parentheses, which may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    int state = 3;
    long ticks = Long.parseLong(fields[14 - state]) + Long.parseLong(fields[15 - state]);
    return ticks / TICKS_PER_SECOND;
  }

  /** Resident memory now, in MB of 2^20 bytes. */
  public double residentMb() throws IOException {
    return statusMb("VmRSS:");
  }

  /** The most it ever was. */
  public double peakResidentMb() throws IOException {
    return statusMb("VmHWM:");
  }

  /** The numbers of its open descriptors. */
  public Set<Integer> descriptors() throws IOException {
    Set<Integer> open = new TreeSet<>();
    try (Stream<Path> listed = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      listed.forEach(path -> open.add(Integer.valueOf(path.getFileName().toString())));
    }
    return open;
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
