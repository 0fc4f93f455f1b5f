package org.vmlog.route;

/** What became of an {@link LogPipe#append}. */
public enum Offer {
  /** The lines are in the queue; the ack will be called. */
  TAKEN,
  /** No room now; {@link LogPipe#whenRoom} tells when to try again. The ack will not be called. */
  FULL,
  /** More than the source may log by now; the same holds as for FULL. */
  OVER_RATE,
  /** The pipe is closed. The ack will not be called. */
  CLOSED
}
