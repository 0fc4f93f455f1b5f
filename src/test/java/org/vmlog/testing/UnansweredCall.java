package org.vmlog.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * All that a client of HTTP/2 would say for one call of CollectUserLogs, said at once: it waits for
 * no answer, and may be gone before there is a server. Frames by RFC 9113.
 */
public final class UnansweredCall {
  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  private UnansweredCall() {}

  /** The preface, empty settings and a call with this LogRequest. */
  public static byte[] bytes(byte[] request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(PREFACE);
    bytes.writeBytes(frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
    bytes.writeBytes(frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.headers()));
    ByteBuffer message = ByteBuffer.allocate(5 + request.length);
    message.put((byte) 0).putInt(request.length).put(request);
    bytes.writeBytes(frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, message.array()));
    return bytes.toByteArray();
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    return frame.array();
  }
}
