package org.vmlog.ship;

import java.time.InstantSource;
import java.time.ZoneId;
import org.vmlog.record.LineParser;
import org.vmlog.record.LineView;
import org.vmlog.record.YearRecovery;

/**
 * The lines of a batch, each taken apart. Where they have no year it is found from the moment at
 * which they are shipped, since what is in a file was said before. Confined to one thread.
 */
public final class BatchLines {
  private final ZoneId zone;
  private final InstantSource clock;

  /**
   * @param zone in which the files' times are
   */
  public BatchLines(ZoneId zone, InstantSource clock) {
    this.zone = zone;
    this.clock = clock;
  }

  /** Takes one line of a batch, from {@code from} to {@code to} in its text, with its parts. */
  @FunctionalInterface
  public interface Taker {
    void take(LineView line, int from, int to);
  }

  /** Hands over each line in order; it is good until the next one. */
  public void forEach(Batch batch, Taker taker) {
    LineParser parser = new LineParser(new YearRecovery(zone, clock.instant()));
    batch.forEach((from, to) -> taker.take(parser.parse(batch.text(), from, to), from, to));
  }
}
