package org.vmlog.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What /proc says of a process, proc(5). Thread-safe. */
public record ProcessFacts(long pid) {
  /** USER_HZ, in which the kernel tells times to user space whatever it counts in itself. */
  private static final double TICKS_PER_SECOND = 100;

  /** User and system time of all its threads so far, in seconds. */
  public double cpuSeconds() throws IOException {
    return seconds(14, 15);
  }

  /** The same of its children that have ended. */
  public double childrensCpuSeconds() throws IOException {
    return seconds(16, 17);
  }

  /** The sum of two fields of its stat, counted from one as proc_pid_stat(5) does. */
  private double seconds(int first, int second) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // The second field is the command in parentheses, which may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    int state = 3;
    long ticks = Long.parseLong(fields[first - state]) + Long.parseLong(fields[second - state]);
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

  /** The names of its threads, of which the kernel keeps 15 characters. */
  public List<String> threads() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks.toList()) {
        try {
          names.add(Files.readString(task.resolve("comm")).strip());
        } catch (NoSuchFileException e) {
          // It has ended since it was listed.
        }
      }
    }
    return names;
  }

  /** The process that traces it; 0 if none does. */
  public long tracer() throws IOException {
    return status("TracerPid:");
  }

  /** How many objects of a class are reachable in a JVM, by a full collection. */
  public long liveInstances(String name) throws IOException, InterruptedException {
    Pattern row =
        Pattern.compile("^\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+" + Pattern.quote(name) + "(\\s|$)");
    return jcmd("GC.class_histogram")
        .lines()
        .map(row::matcher)
        .filter(Matcher::find)
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .sum();
  }

  /** What a JVM answers to a command of jcmd(1). */
  public String jcmd(String... command) throws IOException, InterruptedException {
    String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(
                Stream.concat(Stream.of(program, Long.toString(pid)), Stream.of(command)).toList())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("jcmd " + String.join(" ", command) + " failed: " + output);
    }
    return output;
  }

  private double statusMb(String key) throws IOException {
    return status(key) / 1024.0;
  }

  private long status(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/" + pid + "/status has no " + key);
  }
}
