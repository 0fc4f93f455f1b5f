package org.vmlog.record;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneId;
import java.util.stream.IntStream;

/**
 * Renders records as lines of one format. A line ends in its only newline, also one for the local
 * syslog, whose sink takes it off.
 *
 * <p>What stands before the content is the host's word alone. So RFC 5424's APP-NAME, PROCID and
 * MSGID are always {@code -}: the only source for them would be the content, which a guest writes
 * as it likes, and it would have to be taken out of MSG. MSG has no BOM; it is UTF-8 all the same.
 *
 * <p>Confined to one thread.
 */
public final class LineRenderer {
  /** The smallest limit for {@link #renderCut}: room for any line's head and the mark. */
  public static final int MIN_CUT_BYTES = 1024;

  private static final int FACILITIES = 24;
  private static final byte[][] PRI =
      IntStream.range(0, FACILITIES * 8)
          .mapToObj(pri -> ascii("<" + pri + ">"))
          .toArray(byte[][]::new);
  private static final byte[] KERNEL = ascii("kernel: ");
  private static final int USER = Channel.USER.facility();
  private static final byte[] VERSION = ascii("1 ");
  private static final byte[] NO_APP_NAME_PROCID_MSGID = ascii("- - - ");
  private static final byte[] KERNEL_RECEIVED = ascii("kernel\" received=\"");
  private static final byte[] USER_RECEIVED = ascii("user\" received=\"");
  private static final byte[] VMM_RECEIVED = ascii("vmm\" received=\"");
  private static final byte[] FORWARDER_RECEIVED = ascii("forwarder\" received=\"");
  private static final byte[] CONSOLE_RECEIVED = ascii("console\" received=\"");
  private static final byte[] STRUCTURED_DATA_END = ascii("\"] ");
  private static final byte[] NONE = {};

  private final LineFormat format;
  private final Scrubber scrubber;
  private final int maxSeverity;
  private final TimestampFormatter timestamps;
  private final TimestampFormatter receivedTimestamps;
  private byte[] received;

  /**
   * @param zone the host's; all times are local
   * @param maxSeverity RFC 5424 number; for {@link LineFormat#SYSLOG} alone, what is more urgent is
   *     sent as this
   */
  public LineRenderer(LineFormat format, ScrubMode scrub, ZoneId zone, int maxSeverity) {
    this.format = format;
    this.scrubber = Scrubber.of(scrub);
    this.maxSeverity = maxSeverity;
    this.timestamps = new TimestampFormatter(zone);
    this.receivedTimestamps = new TimestampFormatter(zone);
    this.received = receivedTimestamps.rfc5424(0, 0);
  }

  /**
   * Sets what RFC 5424 lines from now on give as the time of receipt, by the host's clock. To be
   * called once a request; until the first call it is the epoch.
   */
  public void received(long epochSecond, int nanos) {
    received = receivedTimestamps.rfc5424(epochSecond, nanos);
  }

  /**
   * Appends the record's line.
   *
   * @return false, with {@code out} as it was, when the line does not fit
   */
  public boolean render(LogEntry entry, Channel channel, SourceLabel label, LineBuffer out) {
    int start = out.position();
    if (putHead(entry, channel, label, out) && putContent(entry, out) && out.remaining() > 0) {
      out.put((byte) '\n');
      return true;
    }
    out.position(start);
    return false;
  }

  /**
   * Appends the record's line in at most {@code maxLineBytes}: whole if it can be, else with its
   * content cut and the mark {@code #[cut, N bytes]} at the end, where N is the content's length as
   * it was sent. The cut is never within a character or an escape. No escape begins with {@code
   * #[}, so in {@link ScrubMode#STRICT} the mark cannot be forged.
   *
   * @param maxLineBytes at least {@value #MIN_CUT_BYTES}, the newline included
   * @return false, with {@code out} as it was, when it has no room for such a line
   */
  public boolean renderCut(
      LogEntry entry, Channel channel, SourceLabel label, int maxLineBytes, LineBuffer out) {
    if (maxLineBytes < MIN_CUT_BYTES) {
      throw new IllegalArgumentException(
          "maxLineBytes is " + maxLineBytes + ", must be at least " + MIN_CUT_BYTES);
    }
    if (out.remaining() < maxLineBytes) {
      return render(entry, channel, label, out);
    }
    int end = out.position() + maxLineBytes;
    out.limit(end);
    try {
      if (!render(entry, channel, label, out)) {
        byte[] mark = ascii("#[cut, " + entry.contentLength() + " bytes]\n");
        out.limit(end - mark.length);
        putHead(entry, channel, label, out);
        putContent(entry, out);
        out.unlimit();
        out.put(mark);
      }
      return true;
    } finally {
      out.unlimit();
    }
  }

  private boolean putContent(LogEntry entry, LineBuffer out) {
    byte[] bytes = entry.bytes();
    int offset = entry.contentOffset();
    int length = entry.contentLength();
    if (format != LineFormat.CHROMEOS && length > 0 && bytes[offset] == ' ') {
      offset++;
      length--;
    }
    return scrubber.scrub(bytes, offset, length, out) == length;
  }

  /** Puts what stands before the content, all of it, or nothing when it does not fit. */
  private boolean putHead(LogEntry entry, Channel channel, SourceLabel label, LineBuffer out) {
    return switch (format) {
      case RFC3164 ->
          putRfc3164(channel.facility(), entry.severity(), entry, channel, label.hostField(), out);
      case SYSLOG ->
          putRfc3164(
              USER, Math.max(entry.severity(), maxSeverity), entry, channel, label.tag(), out);
      case CHROMEOS -> putChromeos(entry, label, out);
      case RFC5424 -> putRfc5424(entry, channel, label, out);
    };
  }

  private boolean putRfc3164(
      int facility, int severity, LogEntry entry, Channel channel, byte[] source, LineBuffer out) {
    byte[] pri = pri(facility, severity);
    byte[] kernel = kernel(channel);
    int length = pri.length + TimestampFormatter.RFC3164_LENGTH + 1 + source.length + kernel.length;
    if (length > out.remaining()) {
      return false;
    }
    out.put(pri);
    out.put(timestamps.rfc3164(entry.seconds()));
    out.put((byte) ' ');
    out.put(source);
    out.put(kernel);
    return true;
  }

  private boolean putChromeos(LogEntry entry, SourceLabel label, LineBuffer out) {
    byte[] pri = pri(USER, entry.severity());
    byte[] tag = label.tag();
    if (TimestampFormatter.RFC3164_LENGTH + pri.length + 3 + tag.length > out.remaining()) {
      return false;
    }
    out.put(timestamps.rfc3164(entry.seconds()));
    out.put((byte) ' ');
    out.put(pri);
    out.put((byte) ' ');
    out.put((byte) ' ');
    out.put(tag);
    return true;
  }

  private boolean putRfc5424(LogEntry entry, Channel channel, SourceLabel label, LineBuffer out) {
    byte[] pri = pri(channel.facility(), entry.severity());
    byte[] host = label.hostField();
    byte[] data = label.structuredData();
    byte[] channelToReceived = channelToReceived(channel);
    byte[] kernel = kernel(channel);
    int length =
        pri.length
            + VERSION.length
            + TimestampFormatter.RFC5424_LENGTH
            + 1
            + host.length
            + NO_APP_NAME_PROCID_MSGID.length
            + data.length
            + channelToReceived.length
            + TimestampFormatter.RFC5424_LENGTH
            + STRUCTURED_DATA_END.length
            + kernel.length;
    if (length > out.remaining()) {
      return false;
    }
    out.put(pri);
    out.put(VERSION);
    out.put(timestamps.rfc5424(entry.seconds(), entry.nanos()));
    out.put((byte) ' ');
    out.put(host);
    out.put(NO_APP_NAME_PROCID_MSGID);
    out.put(data);
    out.put(channelToReceived);
    out.put(received);
    out.put(STRUCTURED_DATA_END);
    out.put(kernel);
    return true;
  }

  private static byte[] pri(int facility, int severity) {
    return PRI[facility * 8 + severity];
  }

  private static byte[] kernel(Channel channel) {
    return channel == Channel.KERNEL ? KERNEL : NONE;
  }

  /** From the channel's value to the beginning of the time of receipt's. */
  private static byte[] channelToReceived(Channel channel) {
    return switch (channel) {
      case KERNEL -> KERNEL_RECEIVED;
      case USER -> USER_RECEIVED;
      case VMM -> VMM_RECEIVED;
      case FORWARDER -> FORWARDER_RECEIVED;
      case CONSOLE -> CONSOLE_RECEIVED;
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }
}
