package org.vmlog.route;

/** Why a drop line stands where records would. */
public enum DropReason {
  /** Their pipe stayed full for as long as a response may be delayed. */
  PIPE_FULL("records dropped (pipe full)"),
  /** Their source was over its rate for as long as a response may be delayed. */
  RATE_LIMIT("records dropped (rate limit)"),
  /** A request held more records than one may; how many more was not looked at. */
  TOO_MANY_RECORDS("requests dropped (too many records in one request)"),
  /** They were written, but cut: one line would not have fitted the pipe. */
  LINE_CUT("records cut (line too long)"),
  /** The file could not be written and their sender cannot be told. */
  WRITE_ERROR("records dropped (write error)"),
  /** The file could not be written, and their senders, who were told, still have them. */
  REQUESTS_REFUSED("requests refused (log could not be written)");

  private final String text;

  DropReason(String text) {
    this.text = text;
  }

  /** What follows the count in the drop line. */
  String text() {
    return text;
  }
}
