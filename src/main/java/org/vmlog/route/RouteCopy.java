package org.vmlog.route;

/**
 * Takes a route's lines once more, as well as it can: nobody waits for it. Immutable, but for what
 * its pipe carries.
 *
 * @param style what its lines look like
 */
public record RouteCopy(CopyTarget target, LineStyle style, LogPipe pipe) {

  /** Appends lines; what the pipe does not take at once is counted as dropped there. */
  public void append(byte[] lines, int length, SeverityCounts counts) {
    Offer offer = pipe.append(lines, 0, length, counts, null);
    if (offer == Offer.FULL) {
      var unused = pipe.drop(DropReason.PIPE_FULL, counts.records(), null);
    }
  }
}
