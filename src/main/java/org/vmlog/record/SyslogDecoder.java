package org.vmlog.record;

import java.time.InstantSource;
import java.time.ZoneId;

/**
 * Plain syslog as a stream: RFC 6587's frames with messages of RFC 5424 or 3164 in them. Confined
 * to one thread.
 */
public final class SyslogDecoder implements StreamDecoder {
  private final SyslogFrames frames = new SyslogFrames();
  private final SyslogParser parser;
  private final InstantSource clock;
  private boolean ending;

  /**
   * @param zone in which times without one are
   * @param clock the host's
   */
  public SyslogDecoder(ZoneId zone, InstantSource clock) {
    this.parser = new SyslogParser(SyslogParser.Sender.RELAY, zone);
    this.clock = clock;
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
    if (!parser.parse(frames.bytes(), frames.offset(), frames.length(), clock.instant(), into)) {
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
