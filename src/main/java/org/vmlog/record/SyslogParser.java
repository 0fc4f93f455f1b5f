package org.vmlog.record;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;

/**
 * Takes apart one message as programs send it to a log socket, in the words of RFC 3164 or RFC
 * 5424. What is left is the text as syslog(3) has it behind the time, {@code " tag[pid]: text"}, so
 * that all senders read alike.
 *
 * <ul>
 *   <li>NULs, newlines and carriage returns at the end are no part of a message: they ended it.
 *   <li>Without {@code <PRI>}, 0 to 191 in one to three digits, a message is text and nothing else,
 *       a notice. Of the facility nothing is kept: the host sets it.
 *   <li>{@code Mmm dd [yyyy] hh:mm:ss[.fraction]} or ISO 8601 with a zone is taken off if a space
 *       follows, or a colon and a space; and so are spaces in front of it.
 *   <li>Behind such a time a word is a host and is taken off when it is made of letters, digits and
 *       {@code . - _ :} alone, does not end in a colon, and {@code tag:} or {@code tag[pid]:}
 *       follows it. A program whose own name is two words loses the first to this.
 *   <li>RFC 5424 is {@code <PRI>1 }, a time and four fields; what is {@code -} is left out,
 *       HOSTNAME is dropped, structured data stays as it was written. It may be missing, if there
 *       is a time; a field may be empty, if there are both.
 * </ul>
 *
 * <p>Whatever looks like one of these and is none is text, to the last byte. Confined to one
 * thread.
 */
public final class SyslogParser {
  /** What of a message is kept. */
  public static final int MAX_BYTES = 64 * 1024;

  private static final byte[] CUT_MARK = {'#', '[', 'c', 'u', 't', ']'};
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /** RFC 5424's HOSTNAME, APP-NAME, PROCID and MSGID. */
  private static final int NAMED_FIELDS = 4;

  private static final int APP_NAME = 1;
  private static final int PROCID = 2;
  private static final int MSGID = 3;

  /** Who sends, and so whose word the time is. */
  public enum Sender {
    /** A program of this machine: it says now. What its text says may be of any zone. */
    LOCAL,
    /** Who passes on what others said earlier: the time is the text's, if it has one. */
    RELAY
  }

  private final boolean relay;
  private final BsdTimestamp bsd;
  private final Rfc3339Timestamp rfc3339 = new Rfc3339Timestamp();
  private final LineBuffer rewritten = new LineBuffer(256);
  private final int[] begins = new int[NAMED_FIELDS];
  private final int[] ends = new int[NAMED_FIELDS];

  // Of the message that was parsed last.
  private long seconds;
  private int nanos;

  /**
   * @param zone of a relay's times without one
   */
  public SyslogParser(Sender sender, ZoneId zone) {
    this.relay = sender == Sender.RELAY;
    this.bsd = new BsdTimestamp(zone);
  }

  /**
   * Fills the entry from {@code message[offset, offset + length)}. Its content is good until the
   * next call, and for as long as the message stays as it is.
   *
   * @param received by the clock of this machine
   * @return false when nothing is left, and so nothing is to be logged
   */
  public boolean parse(byte[] message, int offset, int length, Instant received, LogEntry into) {
    int end = withoutEnding(message, offset, offset + length);
    int afterPri = Priority.end(message, offset, end);
    int severity = Priority.severity(message, offset, afterPri);
    seconds = received.getEpochSecond();
    nanos = received.getNano();
    if (afterPri > offset && rewrite(message, afterPri, end)) {
      into.set(severity, seconds, nanos, rewritten.bytes(), 0, rewritten.position());
    } else {
      int text = afterPri > offset ? afterHeader(message, afterPri, end) : offset;
      into.set(severity, seconds, nanos, message, text, end - text);
    }
    return into.contentLength() > 0;
  }

  private static int withoutEnding(byte[] message, int from, int to) {
    int end = to;
    while (end > from
        && (message[end - 1] == 0 || message[end - 1] == '\n' || message[end - 1] == '\r')) {
      end--;
    }
    return end;
  }

  /** Where the text begins behind RFC 3164's header; {@code from} when there is none. */
  private int afterHeader(byte[] message, int from, int end) {
    int begin = spacesEnd(message, from, end);
    int afterTime = time(message, begin, end);
    if (afterTime == begin) {
      return from;
    }
    int afterColon = afterTime < end && message[afterTime] == ':' ? afterTime + 1 : afterTime;
    int word = spacesEnd(message, afterColon, end);
    if (word == afterColon || word == end) {
      return from;
    }
    if (relay) {
      takeTime(message[begin]);
    }
    if (isTag(message, word, end)) {
      return word - 1;
    }
    int wordEnd = hostEnd(message, word, end);
    int second = spacesEnd(message, wordEnd, end);
    return second > wordEnd && wordEnd > word && isTag(message, second, end)
        ? second - 1
        : afterColon;
  }

  /** Where the time ends; {@code from} when there is none. */
  private int time(byte[] message, int from, int end) {
    return from < end && isDigit(message[from])
        ? rfc3339.parse(message, from, end)
        : bsd.parse(message, from, end);
  }

  private void takeTime(byte first) {
    if (isDigit(first)) {
      seconds = rfc3339.seconds();
      nanos = rfc3339.nanos();
    } else {
      seconds = bsd.seconds(seconds);
      nanos = bsd.nanos();
    }
  }

  /** {@code tag: }, {@code tag:} at the end, or {@code tag[pid]:}, with a letter in the tag. */
  private static boolean isTag(byte[] message, int from, int end) {
    int at = from;
    boolean letter = false;
    while (at < end && message[at] != ':' && message[at] != '[' && isInWord(message[at])) {
      letter |= isLetter(message[at]);
      at++;
    }
    boolean process = at < end && message[at] == '[';
    if (process) {
      while (at < end && message[at] != ']' && isInWord(message[at])) {
        at++;
      }
      at = at < end && message[at] == ']' ? at + 1 : end;
    }
    return letter
        && at < end
        && message[at] == ':'
        && (process || at + 1 == end || message[at + 1] == ' ');
  }

  /** Where the word ends that may be a host; {@code from} when it is none. */
  private static int hostEnd(byte[] message, int from, int end) {
    int at = from;
    while (at < end && isInHost(message[at])) {
      at++;
    }
    return at > from && message[at - 1] != ':' ? at : from;
  }

  /** Puts RFC 5424 in the words of RFC 3164; answers false when it is no such message. */
  private boolean rewrite(byte[] message, int afterPri, int end) {
    int time = afterPri + 2;
    if (end < time || message[afterPri] != '1' || message[afterPri + 1] != ' ') {
      return false;
    }
    int timeEnd = wordEnd(message, time, end);
    boolean timed = !isNil(message, time, timeEnd);
    if (timed && !Rfc3339Timestamp.isDate(message, time, timeEnd)) {
      return false;
    }
    int data = findFields(message, timeEnd, end);
    int dataEnd = data == 0 ? 0 : structuredDataEnd(message, data, end);
    boolean structured = dataEnd > 0 && (dataEnd == end || message[dataEnd] == ' ');
    boolean filled = allFieldsAreFilled();
    boolean header = timed ? structured || filled : structured && filled;
    if (data == 0 || !header) {
      return false; // text that begins with 1
    }
    if (relay && timed && rfc3339.parse(message, time, timeEnd) == timeEnd) {
      takeTime(message[time]);
    }
    rewritten.clear();
    rewritten.grow(end - afterPri + 8);
    putTag(message);
    if (structured && !isNil(message, data, dataEnd)) {
      putPart(message, data, dataEnd);
    }
    putText(message, structured ? Math.min(end, dataEnd + 1) : Math.min(end, data), end);
    return true;
  }

  /** Finds the four fields behind the time; answers where the next begins, or 0. */
  private int findFields(byte[] message, int timeEnd, int end) {
    int at = timeEnd;
    for (int field = 0; field < NAMED_FIELDS; field++) {
      if (at == end || message[at] != ' ') {
        return 0;
      }
      begins[field] = at + 1;
      at = wordEnd(message, at + 1, end);
      ends[field] = at;
    }
    return at == end || message[at] == ' ' ? at + 1 : 0;
  }

  private boolean allFieldsAreFilled() {
    for (int field = 0; field < NAMED_FIELDS; field++) {
      if (ends[field] == begins[field]) {
        return false;
      }
    }
    return true;
  }

  private void putTag(byte[] message) {
    boolean process = isGiven(message, PROCID);
    if (process || isGiven(message, APP_NAME)) {
      putPart(message, begins[APP_NAME], ends[APP_NAME]);
      if (process) {
        rewritten.put((byte) '[');
        rewritten.put(message, begins[PROCID], ends[PROCID] - begins[PROCID]);
        rewritten.put((byte) ']');
      }
      rewritten.put((byte) ':');
    }
    if (isGiven(message, MSGID)) {
      putPart(message, begins[MSGID], ends[MSGID]);
    }
  }

  private void putText(byte[] message, int from, int end) {
    int markEnd = Math.min(end, from + BYTE_ORDER_MARK.length);
    boolean marked =
        Arrays.equals(message, from, markEnd, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
    int text = marked ? markEnd : from;
    if (text < end) {
      putPart(message, text, end);
    }
  }

  private void putPart(byte[] message, int begin, int end) {
    rewritten.put((byte) ' ');
    rewritten.put(message, begin, end - begin);
  }

  /** Where STRUCTURED-DATA ends; 0 when there is none. */
  private static int structuredDataEnd(byte[] message, int from, int end) {
    if (from < end && message[from] == '-') {
      return from + 1;
    }
    int at = from;
    while (at < end && message[at] == '[') {
      at = elementEnd(message, at, end);
      if (at == 0) {
        return 0;
      }
    }
    return at == from ? 0 : at;
  }

  /** Behind the bracket that closes the element; one within quotes does not. 0 when none does. */
  private static int elementEnd(byte[] message, int open, int end) {
    boolean quoted = false;
    for (int at = open + 1; at < end; at++) {
      switch (message[at]) {
        case '"' -> quoted = !quoted;
        case '\\' -> at += quoted ? 1 : 0;
        case ']' -> {
          if (!quoted) {
            return at + 1;
          }
        }
        default -> {}
      }
    }
    return 0;
  }

  private boolean isGiven(byte[] message, int field) {
    return ends[field] > begins[field] && !isNil(message, begins[field], ends[field]);
  }

  private static boolean isNil(byte[] message, int begin, int end) {
    return end == begin + 1 && message[begin] == '-';
  }

  private static int wordEnd(byte[] message, int from, int end) {
    int at = from;
    while (at < end && isInWord(message[at])) {
      at++;
    }
    return at;
  }

  private static int spacesEnd(byte[] message, int from, int end) {
    int at = from;
    while (at < end && message[at] == ' ') {
      at++;
    }
    return at;
  }

  /** Neither a space nor a control character; other bytes than ASCII's are letters of someone. */
  private static boolean isInWord(byte b) {
    return b < 0 || (b > ' ' && b < 0x7F);
  }

  private static boolean isInHost(byte b) {
    return b > 0 && (isLetter(b) || isDigit(b) || b == '.' || b == '-' || b == '_' || b == ':');
  }

  private static boolean isLetter(byte b) {
    return b < 0 || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /**
   * Whether {@code <PRI>} begins at {@code from}, or what may become one when more comes: with
   * which a stream without another framing begins a message.
   */
  public static boolean mayBeginMessage(byte[] bytes, int from, int end) {
    if (from == end || bytes[from] != '<') {
      return false;
    }
    return Digits.end(bytes, from + 1, Math.min(end, from + 4)) == end
        || Priority.end(bytes, from, end) > from;
  }

  /** An array for one message: {@link #MAX_BYTES} and what it takes to say that it was cut. */
  public static byte[] newMessage() {
    return new byte[MAX_BYTES + CUT_MARK.length];
  }

  /**
   * Says {@code #[cut]} at the end of a message that was cut, in the place of a character that was
   * cut in two.
   *
   * @param message from {@link #newMessage}
   * @param length how much of it there is
   * @return the new length
   */
  public static int markCut(byte[] message, int length) {
    int end = Utf8.boundary(message, 0, length);
    System.arraycopy(CUT_MARK, 0, message, end, CUT_MARK.length);
    return end + CUT_MARK.length;
  }
}
