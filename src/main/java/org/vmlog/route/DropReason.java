package org.vmlog.route;

import org.vmlog.metrics.CounterSnapshot;

/** Why a drop line stands where records would. */
public enum DropReason {
  /** Their pipe stayed full for as long as a response may be delayed. */
  PIPE_FULL("records dropped (pipe full)", true),
  /** Their source was over its rate for as long as a response may be delayed. */
  RATE_LIMIT("records dropped (rate limit)", true),
  /** Their request held more records than one may; they were the last. */
  TOO_MANY_RECORDS("records dropped (too many records in one request)", true),
  /** They were written, but cut: one line would not have fitted the pipe. */
  LINE_CUT("records cut (line too long)", false),
  /** A stream ended within them, or held too much of them at once. */
  UNFINISHED("records dropped (unfinished)", true),
  /** They, and all that came behind them in their stream, could not be read. */
  MALFORMED("records dropped (malformed)", true),
  /** The file could not be written and their sender cannot be told. */
  WRITE_ERROR("records dropped (write error)", true),
  /** The file could not be written, and their senders, who were told, still have them. */
  REQUESTS_REFUSED("requests refused (log could not be written)", false);

  private final String text;
  private final boolean loss;

  DropReason(String text, boolean loss) {
    this.text = text;
    this.loss = loss;
  }

  /** Whether what is counted is gone for good. */
  public boolean isLoss() {
    return loss;
  }

  /** One word for programs, such as {@code rate-limit}. */
  public String word() {
    return CounterSnapshot.word(this);
  }

  /** What follows the count in the drop line. */
  String text() {
    return text;
  }
}
