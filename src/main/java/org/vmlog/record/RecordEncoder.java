package org.vmlog.record;

import java.nio.ByteBuffer;

/**
 * Encodes a vm_tools.LogRecord, and its place in a LogRequest, as protobuf's generated classes do,
 * without an object for each: the guest's counterpart of {@link RequestCursor}.
 *
 * <p>A record is a head of a few bytes, which is encoded here, and its content as it stands; so it
 * is copied once, to where it is to stay. Confined to one thread.
 */
public final class RecordEncoder {
  private static final int SEVERITY = 8 * 1;
  private static final int TIMESTAMP = 8 * 2 + 2;
  private static final int CONTENT = 8 * 5 + 2;
  private static final int SECONDS = 8 * 1;
  private static final int NANOS = 8 * 2;
  private static final int RECORDS = 8 * 1 + 2;

  private static final int MAX_HEAD_BYTES = 40;

  private final LineBuffer head = new LineBuffer(MAX_HEAD_BYTES);
  private byte[] content = {};
  private int contentOffset;
  private int length;

  /** Begins a record. The entry's content must stay as it is until it is copied. */
  public void encode(LogEntry entry) {
    head.clear();
    Varints.put(head, SEVERITY);
    Varints.put(head, entry.severity() + 1L); // 0 is for none
    Varints.put(head, TIMESTAMP);
    Varints.put(head, fieldBytes(entry.seconds()) + fieldBytes(entry.nanos()));
    putField(SECONDS, entry.seconds());
    putField(NANOS, entry.nanos());
    Varints.put(head, CONTENT);
    Varints.put(head, entry.contentLength());
    content = entry.bytes();
    contentOffset = entry.contentOffset();
    length = head.position() + entry.contentLength();
  }

  /** The record's, in bytes. */
  public int length() {
    return length;
  }

  /** Copies {@code [from, from + count)} of the record to a place in a buffer. */
  public void copy(int from, int count, ByteBuffer to, int at) {
    int ofHead = Math.max(0, Math.min(count, head.position() - from));
    if (ofHead > 0) {
      to.put(at, head.bytes(), from, ofHead);
    }
    if (count > ofHead) {
      int inContent = from + ofHead - head.position();
      to.put(at + ofHead, content, contentOffset + inContent, count - ofHead);
    }
  }

  /** Proto3 does not write a zero. */
  private static int fieldBytes(long value) {
    return value == 0 ? 0 : 1 + Varints.size(value);
  }

  private void putField(int tag, long value) {
    if (value != 0) {
      Varints.put(head, tag);
      Varints.put(head, value);
    }
  }

  /** How many bytes of a LogRequest an encoded record of that length takes. */
  public static int bytesInRequest(int recordBytes) {
    return 1 + Varints.size(recordBytes) + recordBytes;
  }

  /** Begins a record in a LogRequest; that many bytes of it have to follow. */
  public static void beginRecord(LineBuffer request, int recordBytes) {
    Varints.put(request, RECORDS);
    Varints.put(request, recordBytes);
  }
}
