package org.vmlog.ship;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.vmlog.logs.LogName;
import org.vmlog.view.LogLine;

/**
 * Puts lines of many VMs in the order of time as far as so many can be held. Those of one VM stay
 * in the order in which they come, whatever its clock does. Confined to one thread.
 */
public final class LineOrder {
  private record Held(long micros, long number, LogLine line) implements Comparable<Held> {
    @Override
    public int compareTo(Held other) {
      return micros == other.micros
          ? Long.compare(number, other.number)
          : Long.compare(micros, other.micros);
    }
  }

  /** What a line takes besides its bytes. */
  private static final long OBJECT_BYTES = 256;

  private final PriorityQueue<Held> held = new PriorityQueue<>();
  private final Map<LogName, Long> latest = new HashMap<>();
  private final long maxBytes;
  private long bytes;
  private long number;

  /**
   * @param maxBytes of lines that are held
   */
  public LineOrder(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Holds one. */
  public void add(LogLine line) {
    long micros = latest.merge(line.log(), line.line().micros(), Math::max);
    held.add(new Held(micros, number++, line));
    bytes += size(line);
  }

  /** The next, if it must not wait for others any more. */
  public @Nullable LogLine excess() {
    return bytes > maxBytes ? next() : null;
  }

  /** The next; null if none is held. */
  public @Nullable LogLine next() {
    Held first = held.poll();
    if (first == null) {
      latest.clear(); // what comes now stands behind all that was handed over
      return null;
    }
    bytes -= size(first.line());
    return first.line();
  }

  private static long size(LogLine line) {
    return OBJECT_BYTES + line.line().to();
  }
}
