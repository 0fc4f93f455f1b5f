package org.vmlog.record;

import java.time.InstantSource;
import java.time.ZoneId;

/**
 * Plain syslog as a stream: RFC 6587's frames with messages of RFC 5424 or 3164 in them. Confined
 * to one thread.
 */
public final class SyslogDecoder implements StreamDecoder {
  private final SyslogFrames frames = new SyslogFrames();
  private final Rfc5424Parser rfc5424;
  private final SyslogLineParser lines;
  private boolean ending;

  /**
   * @param zone in which times without one are
   * @param clock the host's
   */
  public SyslogDecoder(ZoneId zone, InstantSource clock) {
    this.rfc5424 = new Rfc5424Parser(clock);
    this.lines = new SyslogLineParser(zone, clock);
  }

  @Override
  public void feed(byte[] bytes, int offset, int length) {
    frames.feed(bytes, offset, offset + length);
  }

  @Override
  public Step next(LogEntry into) throws MalformedStreamException {
    if (!frames.next() && !takeEnd()) {
      if (frames.isBroken()) {
        throw new MalformedStreamException(
            "a message that began with its length was followed by no other length (RFC 6587)");
      }
      return Step.MORE;
    }
    if (frames.wasShed()) {
      return Step.LOST;
    }
    if (!rfc5424.parse(frames.bytes(), frames.offset(), frames.length(), into)
        && !lines.parse(frames.bytes(), frames.offset(), frames.length(), into)) {
      return Step.SILENT;
    }
    return frames.wasCut() ? Step.CUT_RECORD : Step.RECORD;
  }

  private boolean takeEnd() {
    boolean any = ending && frames.end();
    ending = false;
    return any;
  }

  /** RFC 6587 has no counts for what is written to a file's end: the last message may have none. */
  @Override
  public boolean end() {
    ending = true;
    return false;
  }

  @Override
  public Channel channel() {
    return Channel.USER;
  }

  @Override
  public int heldBytes() {
    return frames.heldBytes();
  }

  @Override
  public void shed() {
    frames.shed();
  }
}
