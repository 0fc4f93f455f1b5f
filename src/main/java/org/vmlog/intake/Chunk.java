package org.vmlog.intake;

import java.util.Arrays;
import org.vmlog.record.LineBuffer;
import org.vmlog.route.SeverityCounts;

/** Rendered lines on their way to the pipe. Confined to one thread. */
final class Chunk {
  final byte[] lines;
  final int length;
  final SeverityCounts counts;

  /** How many of the lines had to be cut. */
  final int cuts;

  private final boolean own;

  private Chunk(byte[] lines, int length, SeverityCounts counts, int cuts, boolean own) {
    this.lines = lines;
    this.length = length;
    this.counts = counts;
    this.cuts = cuts;
    this.own = own;
  }

  /** What was rendered; good until something else is. */
  static Chunk of(Rendering rendering) {
    LineBuffer lines = rendering.lines();
    return new Chunk(lines.bytes(), lines.position(), rendering.counts(), rendering.cuts(), false);
  }

  int records() {
    return (int) counts.records();
  }

  /** The same, good for ever. */
  Chunk kept() {
    return own ? this : new Chunk(Arrays.copyOf(lines, length), length, counts, cuts, true);
  }
}
