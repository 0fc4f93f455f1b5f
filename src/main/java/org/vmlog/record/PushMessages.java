package org.vmlog.record;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;

/**
 * The messages of vmlog.v1.LogStream as they are written, and the host's as it is read, see {@code
 * proto/vmlog/v1/log_stream.proto}; a guest's is read as a {@link PushMessage}. Stateless.
 * Thread-safe.
 */
public final class PushMessages {
  private static final byte[] EMPTY_MESSAGE = {};

  // A tag is a field's number times 8, plus its wire type.
  static final int STREAM_ID = 8 * 1 + 2;
  static final int FIRST_SEQ = 8 * 2;
  static final int CHANNEL = 8 * 3;
  static final int BATCH = 8 * 4 + 2;
  private static final int LAST_SEQ = 8 * 1;

  /** GuestChannel.KERNEL; USER is 0, which is not written. */
  private static final int KERNEL = 1;

  private PushMessages() {}

  /** The message that names the stream. */
  public static byte[] hello(byte[] streamId) {
    LineBuffer out = new LineBuffer(1 + Varints.size(streamId.length) + streamId.length);
    Varints.put(out, STREAM_ID);
    Varints.put(out, streamId.length);
    out.put(streamId);
    return out.bytes();
  }

  /** How many bytes a message takes whose batch has that many. */
  public static int batchMessageBytes(long firstSeq, Channel channel, int requestBytes) {
    return 1
        + Varints.size(firstSeq)
        + (channel == Channel.KERNEL ? 2 : 0)
        + 1
        + Varints.size(requestBytes)
        + requestBytes;
  }

  /** Begins the message of a batch; that many bytes of a LogRequest have to follow. */
  public static void beginBatch(LineBuffer out, long firstSeq, Channel channel, int requestBytes) {
    Varints.put(out, FIRST_SEQ);
    Varints.put(out, firstSeq);
    if (channel == Channel.KERNEL) {
      Varints.put(out, CHANNEL);
      Varints.put(out, KERNEL);
    }
    Varints.put(out, BATCH);
    Varints.put(out, requestBytes);
  }

  /** A PushResponse. */
  public static byte[] response(long lastSeq) {
    if (lastSeq == 0) {
      return EMPTY_MESSAGE; // a field that has its default is not there
    }
    LineBuffer out = new LineBuffer(1 + Varints.size(lastSeq));
    Varints.put(out, LAST_SEQ);
    Varints.put(out, lastSeq);
    return out.bytes();
  }

  /**
   * What a PushResponse acknowledges.
   *
   * @throws IOException when it is none
   */
  public static long lastSeq(byte[] response) throws IOException {
    CodedInputStream input = CodedInputStream.newInstance(response);
    long lastSeq = 0;
    boolean more = true;
    while (more) {
      int tag = input.readTag();
      if (tag == LAST_SEQ) {
        lastSeq = input.readUInt64();
      } else {
        more = tag != 0 && input.skipField(tag);
      }
    }
    return lastSeq;
  }
}
