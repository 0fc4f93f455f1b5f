package org.vmlog.record;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Walks a serialized vm_tools.LogRequest record by record, and sees and refuses exactly what
 * protobuf's generated classes would, without making an object for each record.
 *
 * <p>{@link #next} finds out that a request is malformed only on reaching the place. A caller that
 * must keep nothing of such a request calls {@link #checkRest} before it lets go of the first line;
 * one whose request fits its buffer whole can do without. Confined to one thread.
 */
public final class RequestCursor {
  private static final byte[] NONE = {};

  /** A tag is a field's number times 8, plus its wire type. */
  private static final int WIRE_TYPE_MASK = 7;

  private static final int WIRE_VARINT = 0;
  private static final int WIRE_BYTES = 2;
  private static final int WIRE_GROUP = 3;
  private static final int WIRE_END_GROUP = 4;

  private static final int REQUEST_RECORDS = 8 * 1 + WIRE_BYTES;
  private static final int RECORD_SEVERITY = 8 * 1 + WIRE_VARINT;
  private static final int RECORD_TIMESTAMP = 8 * 2 + WIRE_BYTES;
  private static final int RECORD_CONTENT = 8 * 5 + WIRE_BYTES;
  private static final int TIMESTAMP_SECONDS = 8 * 1 + WIRE_VARINT;
  private static final int TIMESTAMP_NANOS = 8 * 2 + WIRE_VARINT;

  /** How deep messages and groups may nest together; protobuf's own default. */
  private static final int MAX_DEPTH = 100;

  private static final int NOTICE = 5;

  private final int maxRecords;

  private byte[] request = NONE;
  private int offset;
  private int end;
  private CodedInputStream input = CodedInputStream.newInstance(NONE);
  private int recordsSeen;

  private int wireSeverity;
  private boolean timed;
  private long seconds;
  private int nanos;
  private int contentOffset;
  private int contentLength;

  /**
   * @param maxRecords how many records a request may hold
   */
  public RequestCursor(int maxRecords) {
    this.maxRecords = maxRecords;
  }

  /** Begins a request. The array must stay as it is for as long as its records are used. */
  public void start(byte[] request) {
    start(request, 0, request.length);
  }

  /** Begins a request that takes {@code length} bytes of an array. */
  public void start(byte[] request, int offset, int length) {
    this.request = request;
    this.offset = offset;
    this.end = offset + length;
    input = CodedInputStream.newInstance(request, offset, length);
    recordsSeen = 0;
  }

  /**
   * Fills the entry with the next record. After an exception the request is done for: {@link
   * #start} another.
   *
   * @return false at the request's end
   */
  public boolean next(LogEntry into) throws RequestException {
    if (!advance(input, offset, recordsSeen)) {
      return false;
    }
    recordsSeen++;
    into.set(severity(wireSeverity), seconds, nanos, request, contentOffset, contentLength);
    return true;
  }

  /** Whether the record that {@link #next} gave last says its time; if not, it is that of 1970. */
  public boolean isTimed() {
    return timed;
  }

  /**
   * Walks all that {@link #next} has not reached yet, and leaves the cursor where it is. After it
   * has returned, {@code next} throws no more; once a request is enough.
   *
   * @return how many records {@code next} will still give
   */
  public int checkRest() throws RequestException {
    int base = offset + input.getTotalBytesRead();
    CodedInputStream rest = CodedInputStream.newInstance(request, base, end - base);
    int records = 0;
    while (advance(rest, base, recordsSeen + records)) {
      records++;
    }
    return records;
  }

  /** How many records of this request {@link #next} has given. */
  public int recordsSeen() {
    return recordsSeen;
  }

  /** Reads the next record into the fields, if there is one. */
  private boolean advance(CodedInputStream in, int base, int recordsBefore)
      throws RequestException {
    try {
      while (true) {
        int tag = in.readTag();
        if (tag == REQUEST_RECORDS) {
          if (recordsBefore >= maxRecords) {
            throw new TooManyRecordsException(maxRecords);
          }
          readRecord(in, base);
          return true;
        }
        if (tag == 0) {
          return false;
        }
        skip(in, tag, 0);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedRequestException(
          "vm_tools.LogRequest", base + in.getTotalBytesRead(), end, e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("an array cannot fail to be read", e);
    }
  }

  private void readRecord(CodedInputStream in, int base) throws IOException {
    wireSeverity = 0;
    timed = false;
    seconds = 0;
    nanos = 0;
    contentOffset = 0;
    contentLength = 0;
    int outer = in.pushLimit(in.readRawVarint32());
    while (true) {
      int tag = in.readTag();
      switch (tag) {
        case RECORD_SEVERITY -> wireSeverity = in.readEnum();
        case RECORD_TIMESTAMP -> {
          readTimestamp(in);
          timed = true;
        }
        case RECORD_CONTENT -> {
          int size = in.readRawVarint32();
          contentOffset = base + in.getTotalBytesRead();
          contentLength = size;
          in.skipRawBytes(size);
        }
        case 0 -> {
          in.popLimit(outer);
          return;
        }
        default -> skip(in, tag, 1);
      }
    }
  }

  /** Leaves what the message does not say as it is: a repeated sub-message is merged. */
  private void readTimestamp(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    while (true) {
      int tag = in.readTag();
      switch (tag) {
        case TIMESTAMP_SECONDS -> seconds = in.readInt64();
        case TIMESTAMP_NANOS -> nanos = in.readInt32();
        case 0 -> {
          in.popLimit(outer);
          return;
        }
        default -> skip(in, tag, 2);
      }
    }
  }

  /**
   * Skips an unknown field with what the generated classes read it with, which takes some varints
   * that {@link CodedInputStream#skipField} refuses.
   *
   * @param depth how many messages and groups are around the field, the request not counted
   */
  static void skip(CodedInputStream in, int tag, int depth) throws IOException {
    switch (tag & WIRE_TYPE_MASK) {
      case WIRE_VARINT -> in.readRawVarint64();
      case WIRE_GROUP -> skipGroup(in, tag, depth);
      default -> in.skipField(tag);
    }
  }

  private static void skipGroup(CodedInputStream in, int startTag, int depth) throws IOException {
    if (depth >= MAX_DEPTH) {
      throw new InvalidProtocolBufferException("nested deeper than " + MAX_DEPTH);
    }
    int tag = in.readTag();
    while (tag != 0 && (tag & WIRE_TYPE_MASK) != WIRE_END_GROUP) {
      skip(in, tag, depth + 1);
      tag = in.readTag();
    }
    in.checkLastTagWas(startTag - WIRE_GROUP + WIRE_END_GROUP);
  }

  /** The wire's 1..8 are 0..7; MISSING (0) and what nobody knows are a notice. */
  private static int severity(int wire) {
    return wire >= 1 && wire <= 8 ? wire - 1 : NOTICE;
  }
}
