package org.vmlog.record;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Parses one message of RFC 5424, and leaves in the content what programs that speak RFC 3164 have
 * there, so that both read alike:
 *
 * <pre>{@code
 * <165>1 2003-10-11T22:14:15.003Z host app 42 ID47 [id@32473 class="high"] MSG
 *  app[42]: ID47 [id@32473 class="high"] MSG
 * }</pre>
 *
 * <p>What is {@code -} is left out, structured data is left as it was written, and the byte order
 * mark in front of MSG is dropped. The hostname is dropped too: the host knows whose message it is.
 * A message without a time gets the time of now. Confined to one thread.
 */
public final class Rfc5424Parser {
  private static final int NAMED_FIELDS = 4;
  private static final int APP_NAME = 1;
  private static final int PROCID = 2;
  private static final int MSGID = 3;

  private final InstantSource clock;
  private final Rfc3339Timestamp timestamp = new Rfc3339Timestamp();
  private final LineBuffer content = new LineBuffer(256);

  /** Where HOSTNAME, APP-NAME, PROCID and MSGID begin and end in the message. */
  private final int[] begins = new int[NAMED_FIELDS];

  private final int[] ends = new int[NAMED_FIELDS];

  /**
   * @param clock for messages without a time
   */
  public Rfc5424Parser(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Fills the entry from {@code message[offset, offset + length)}; its content is good until the
   * next call, and empty when the message says nothing.
   *
   * @return false, with the entry as it was, when this is no such message
   */
  public boolean parse(byte[] message, int offset, int length, LogEntry into) {
    int end = offset + length;
    int afterPri = Priority.end(message, offset, end);
    if (afterPri == offset || end - afterPri < 2 || message[afterPri] != '1') {
      return false;
    }
    int timeBegin = afterPri + 2;
    int timeEnd = fieldEnd(message, timeBegin, end);
    boolean timed = !isNil(message, timeBegin, timeEnd);
    if (message[afterPri + 1] != ' '
        || timeEnd == timeBegin
        || (timed && !timestamp.parse(message, timeBegin, timeEnd))) {
      return false;
    }
    int dataBegin = findFields(message, timeEnd, end);
    int dataEnd = dataBegin == 0 ? 0 : structuredDataEnd(message, dataBegin, end);
    if (dataEnd == 0 || (dataEnd < end && message[dataEnd] != ' ')) {
      return false;
    }
    putContent(message, dataBegin, dataEnd, end);
    Instant now = clock.instant();
    into.set(
        Priority.severity(message, offset, afterPri),
        timed ? timestamp.seconds() : now.getEpochSecond(),
        timed ? timestamp.nanos() : now.getNano(),
        content.bytes(),
        0,
        content.position());
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
      at = fieldEnd(message, at + 1, end);
      ends[field] = at;
      if (at == begins[field]) {
        return 0;
      }
    }
    return at < end && message[at] == ' ' ? at + 1 : 0;
  }

  private void putContent(byte[] message, int dataBegin, int dataEnd, int end) {
    content.clear();
    content.grow(end - begins[APP_NAME] + 8);
    boolean process = !isNil(message, begins[PROCID], ends[PROCID]);
    if (process || !isNil(message, begins[APP_NAME], ends[APP_NAME])) {
      putPart(message, begins[APP_NAME], ends[APP_NAME]);
      if (process) {
        content.put((byte) '[');
        content.put(message, begins[PROCID], ends[PROCID] - begins[PROCID]);
        content.put((byte) ']');
      }
      content.put((byte) ':');
    }
    if (!isNil(message, begins[MSGID], ends[MSGID])) {
      putPart(message, begins[MSGID], ends[MSGID]);
    }
    if (!isNil(message, dataBegin, dataEnd)) {
      putPart(message, dataBegin, dataEnd);
    }
    int msg = Math.min(end, dataEnd + 1);
    boolean marked =
        end - msg >= 3
            && message[msg] == (byte) 0xEF
            && message[msg + 1] == (byte) 0xBB
            && message[msg + 2] == (byte) 0xBF;
    msg += marked ? 3 : 0;
    if (msg < end) {
      putPart(message, msg, end);
    }
  }

  private void putPart(byte[] message, int begin, int end) {
    content.put((byte) ' ');
    content.put(message, begin, end - begin);
  }

  private static boolean isNil(byte[] message, int begin, int end) {
    return end == begin + 1 && message[begin] == '-';
  }

  /** Where the run of PRINTUSASCII, which has no space, ends. */
  private static int fieldEnd(byte[] message, int from, int end) {
    int at = from;
    while (at < end && message[at] > ' ' && message[at] < 0x7F) {
      at++;
    }
    return at;
  }

  /** Where STRUCTURED-DATA ends; 0 when there is none. */
  static int structuredDataEnd(byte[] message, int from, int end) {
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
}
