package org.vmlog.record;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A serialized vmlog.v1.PushRequest, with its batch where it lies. What a field says twice, it says
 * as it does the last time, but for the batch: there is one, or the message is refused. Confined to
 * one thread.
 */
public final class PushMessage {
  private static final byte[] NONE = {};

  private final byte[] message;
  private byte[] streamId = NONE;
  private long firstSeq;
  private int channel;
  private int batchOffset = -1;
  private int batchLength;

  private PushMessage(byte[] message) {
    this.message = message;
  }

  /** Reads all but what is in the batch. The array must stay as it is. */
  public static PushMessage parse(byte[] message) throws MalformedRequestException {
    PushMessage parsed = new PushMessage(message);
    CodedInputStream in = CodedInputStream.newInstance(message);
    try {
      parsed.read(in);
      return parsed;
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedRequestException(
          "vmlog.v1.PushRequest", in.getTotalBytesRead(), message.length, e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("an array cannot fail to be read", e);
    }
  }

  private void read(CodedInputStream in) throws IOException {
    while (true) {
      int tag = in.readTag();
      switch (tag) {
        case PushMessages.STREAM_ID -> streamId = in.readByteArray();
        case PushMessages.FIRST_SEQ -> firstSeq = in.readUInt64();
        case PushMessages.CHANNEL -> channel = in.readEnum();
        case PushMessages.BATCH -> {
          if (hasBatch()) {
            throw new InvalidProtocolBufferException("a second batch");
          }
          batchLength = in.readRawVarint32();
          batchOffset = in.getTotalBytesRead();
          in.skipRawBytes(batchLength);
        }
        case 0 -> {
          return;
        }
        default -> RequestCursor.skip(in, tag, 0);
      }
    }
  }

  /** No byte when it has none. */
  public byte[] streamId() {
    return streamId;
  }

  /** Unsigned; 0 when it has none. */
  public long firstSeq() {
    return firstSeq;
  }

  /** The number of a vmlog.v1.GuestChannel, or any other. */
  public int channel() {
    return channel;
  }

  public boolean hasBatch() {
    return batchOffset >= 0;
  }

  /** Has the cursor begin at the batch's first record; only if there is one. */
  public void start(RequestCursor cursor) {
    cursor.start(message, batchOffset, batchLength);
  }
}
