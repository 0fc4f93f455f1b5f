package org.vmlog.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vmlog.testing.ProcessFacts;

/**
 * What a process held at one moment, after a full collection. Immutable.
 *
 * @param seconds since the load began
 * @param rssKib resident memory, proc(5)
 * @param heapKib Java objects that are reachable
 * @param directKib of java.nio's buffers, which the pipes' segments are
 */
record Sample(
    double seconds, long descriptors, long threads, long rssKib, long heapKib, long directKib) {
  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");
  private static final Pattern HEAP = Pattern.compile("\\bused (\\d+)K");
  private static final Pattern DIRECT =
      Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB");

  /** What must not grow, how it is called, and by how much it may wander. */
  enum Measure {
    DESCRIPTORS("descriptors", Sample::descriptors, 6),
    THREADS("threads", Sample::threads, 4),
    RSS("RSS KiB", Sample::rssKib, 12 << 10),
    HEAP("heap KiB", Sample::heapKib, 1 << 10),
    DIRECT("direct KiB", Sample::directKib, 2 << 10);

    final String title;
    final ToDoubleFunction<Sample> of;
    final double allowance;

    Measure(String title, ToDoubleFunction<Sample> of, double allowance) {
      this.title = title;
      this.of = of;
      this.allowance = allowance;
    }
  }

  /** Measures a JVM that runs with native memory tracking. */
  static Sample of(long pid, double seconds) throws IOException, InterruptedException {
    ProcessFacts facts = new ProcessFacts(pid);
    String unused = facts.jcmd("GC.run");
    String status = Files.readString(Path.of("/proc", Long.toString(pid), "status"));
    return new Sample(
        seconds,
        facts.descriptors().size(),
        sum(THREADS, status),
        sum(RSS, status),
        // Both generations; what comes after them is not heap.
        sum(HEAP, facts.jcmd("GC.heap_info").split("Metaspace")[0]),
        sum(DIRECT, facts.jcmd("VM.native_memory", "summary")));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%6.0f s  %5d descriptors  %4d threads  %7d KiB RSS  %6d KiB heap  %6d KiB direct",
        seconds,
        descriptors,
        threads,
        rssKib,
        heapKib,
        directKib);
  }

  private static long sum(Pattern number, String text) throws IOException {
    Matcher matcher = number.matcher(text);
    long sum = 0;
    boolean found = false;
    while (matcher.find()) {
      sum += Long.parseLong(matcher.group(1));
      found = true;
    }
    if (!found) {
      throw new IOException("no " + number + " in: " + text);
    }
    return sum;
  }
}
