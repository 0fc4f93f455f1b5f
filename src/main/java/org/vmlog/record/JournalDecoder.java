package org.vmlog.record;

import java.time.InstantSource;

/**
 * Reads the journal export format as journald's ForwardToSocket= sends it; systemd's JOURNAL EXPORT
 * FORMATS. An entry is fields, {@code NAME=value} and a newline, or where the value may hold
 * anything {@code NAME}, a newline, its length in 64 bits, little-endian and unsigned, the value
 * and a newline; and it ends with an empty line.
 *
 * <ul>
 *   <li>Of a field that comes more than once the first counts. A value that is no text is as good
 *       as one that is. Which fields there are, how many and in what order is the sender's affair.
 *   <li>Kept are the few fields that a line is made of; of a message no more than {@value
 *       JournalEntryFields#MAX_MESSAGE_BYTES} bytes. Everything else is passed over, however long.
 *   <li>What says whose entry it is ({@code _HOSTNAME}, {@code _MACHINE_ID}, {@code _BOOT_ID}) is
 *       not even looked at: a guest can write there what it likes.
 * </ul>
 */
public final class JournalDecoder implements StreamDecoder {
  private enum State {
    NAME,
    TEXT,
    LENGTH,
    BINARY,
    BINARY_END
  }

  private static final byte[] NONE = {};
  private static final int MAX_NAME_BYTES = 64;

  private final JournalEntryFields fields;
  private Channel channel = Channel.USER;

  private byte[] bytes = NONE;
  private int at;
  private int end;

  private State state = State.NAME;

  /** Whether anything has come of the entry that is read. */
  private boolean begun;

  /** What has come of the field's name, if that came in pieces. */
  private final byte[] name = new byte[MAX_NAME_BYTES];

  private int nameLength;

  /** Of the binary value: first how many bytes of its length there are, then what is left of it. */
  private int lengthBytes;

  private long length;

  /**
   * Makes a decoder at the beginning of a stream.
   *
   * @param clock for entries that do not say when they were made
   */
  public JournalDecoder(InstantSource clock) {
    this.fields = new JournalEntryFields(clock);
  }

  @Override
  public void feed(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.at = offset;
    this.end = offset + length;
    fields.resume();
  }

  @Override
  public Step next(LogEntry into) throws MalformedStreamException {
    while (at < end) {
      switch (state) {
        case NAME -> {
          if (readName()) {
            Step step = fields.finish(into);
            channel = fields.channel();
            begun = false;
            return step;
          }
        }
        case TEXT -> readText();
        case LENGTH -> readLength();
        case BINARY -> readBinary();
        case BINARY_END -> readBinaryEnd();
      }
    }
    bytes = NONE;
    fields.suspend();
    return Step.MORE;
  }

  /** True at the end of an entry. */
  private boolean readName() throws MalformedStreamException {
    int from = at;
    int limit = Math.min(end, from + MAX_NAME_BYTES - nameLength);
    while (at < limit && isName(bytes[at])) {
      at++;
    }
    if (at == end) {
      keepName(from);
      return false;
    }
    boolean binary = bytes[at] == '\n';
    int whole = nameLength + at - from;
    if (binary && whole == 0) {
      at++;
      return begun;
    }
    if (whole == 0 || !(binary || bytes[at] == '=')) {
      throw new MalformedStreamException(
          "a field's name is not 1 to " + MAX_NAME_BYTES + " of A-Z, 0-9 and _");
    }
    if (nameLength > 0) {
      keepName(from);
      fields.begin(name, 0, nameLength);
    } else {
      fields.begin(bytes, from, at);
    }
    at++;
    begun = true;
    nameLength = 0;
    lengthBytes = 0;
    length = 0;
    state = binary ? State.LENGTH : State.TEXT;
    return false;
  }

  private void keepName(int from) {
    System.arraycopy(bytes, from, name, nameLength, at - from);
    nameLength += at - from;
  }

  private static boolean isName(byte b) {
    return (b >= 'A' && b <= 'Z') || b == '_' || (b >= '0' && b <= '9');
  }

  private void readText() {
    int newline = Bytes.indexOf(bytes, at, end, (byte) '\n');
    fields.put(bytes, at, newline);
    at = newline;
    if (newline < end) {
      at++;
      endOfField();
    }
  }

  private void readLength() {
    while (at < end && lengthBytes < Long.BYTES) {
      length |= (bytes[at++] & 0xFFL) << (8 * lengthBytes++);
    }
    if (lengthBytes == Long.BYTES) {
      state = length == 0 ? State.BINARY_END : State.BINARY;
    }
  }

  private void readBinary() {
    int there = end - at;
    int taken = Long.compareUnsigned(length, there) < 0 ? (int) length : there;
    fields.put(bytes, at, at + taken);
    at += taken;
    length -= taken;
    if (length == 0) {
      state = State.BINARY_END;
    }
  }

  private void readBinaryEnd() throws MalformedStreamException {
    if (bytes[at] != '\n') {
      throw new MalformedStreamException("a value of given length does not end in a newline");
    }
    at++;
    endOfField();
  }

  private void endOfField() {
    fields.end();
    state = State.NAME;
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public boolean end() {
    return begun || nameLength > 0;
  }

  @Override
  public int heldBytes() {
    return fields.heldBytes();
  }

  @Override
  public void shed() {
    fields.shed();
  }
}
