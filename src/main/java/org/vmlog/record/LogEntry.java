package org.vmlog.record;

import java.time.Instant;

/**
 * One record as it stands in the bytes it came in: a view that is filled again for the next record,
 * so that walking a request allocates nothing. Confined to one thread.
 */
public final class LogEntry {
  private static final byte[] NONE = {};

  private int severity;
  private long seconds;
  private int nanos;
  private byte[] bytes = NONE;
  private int contentOffset;
  private int contentLength;

  /** Severity by RFC 5424 section 6.2.1: 0 emergency to 7 debug. */
  public int severity() {
    return severity;
  }

  /** Seconds since the Unix epoch by the guest's clock; any value. */
  public long seconds() {
    return seconds;
  }

  /**
   * Nanoseconds within the second as the guest sent them; values outside 0..999 999 999 count as 0.
   */
  public int nanos() {
    return nanos;
  }

  /** The array in which the content lies; not the entry's to change. */
  public byte[] bytes() {
    return bytes;
  }

  public int contentOffset() {
    return contentOffset;
  }

  public int contentLength() {
    return contentLength;
  }

  /** Sets the time of an entry that came without one. */
  public void at(Instant time) {
    seconds = time.getEpochSecond();
    nanos = time.getNano();
  }

  /** Fills the entry. The array is not copied: it must stay as it is while the entry is used. */
  public LogEntry set(
      int severity, long seconds, int nanos, byte[] bytes, int contentOffset, int contentLength) {
    this.severity = severity;
    this.seconds = seconds;
    this.nanos = nanos;
    this.bytes = bytes;
    this.contentOffset = contentOffset;
    this.contentLength = contentLength;
    return this;
  }
}
