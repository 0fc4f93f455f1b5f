package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2CodecUtil;
import java.nio.charset.StandardCharsets;

/** What a peer's first bytes look like, for who wonders why nothing of it is logged. */
public enum FirstBytes {
  /** HTTP/2's preface, RFC 9113 section 3.4: what gRPC begins with. */
  HTTP2("HTTP/2"),
  /** A request line of HTTP/1. */
  HTTP1("HTTP/1"),
  /** A handshake record of TLS, RFC 8446 section 5.1. */
  TLS("TLS, which no door speaks"),
  /** A priority in brackets, or a length and one: RFC 6587 sections 3.4.1 and 3.4.2. */
  SYSLOG("syslog, for which each VM has NAME.syslog"),
  /** Letters and blanks. */
  TEXT("text, as of a console or a journal: NAME.console and NAME.journal are for those"),
  /** None of these. */
  OTHER("nothing that is known here");

  /** How many bytes are looked at. */
  static final int BYTES = 24;

  private static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf());

  private final String text;

  FirstBytes(String text) {
    this.text = text;
  }

  /** As far as these bytes tell, and at most {@link #BYTES} of them. */
  static FirstBytes of(ByteBuf first) {
    byte[] bytes = new byte[Math.min(BYTES, first.readableBytes())];
    first.getBytes(first.readerIndex(), bytes);
    if (first.slice(first.readerIndex(), bytes.length).equals(PREFACE.slice(0, bytes.length))) {
      return HTTP2;
    }
    if (bytes.length > 1 && bytes[0] == 0x16 && bytes[1] == 3) {
      return TLS;
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (text.matches("(?s)([1-9][0-9]* )?<[0-9]{1,3}>.*")) {
      return SYSLOG;
    }
    if (text.matches("(?s)[A-Z]+ [/*h].*")) {
      return HTTP1;
    }
    return text.chars().allMatch(c -> c == '\t' || c == '\r' || c == '\n' || (c >= ' ' && c < 127))
        ? TEXT
        : OTHER;
  }

  /** Its name for people. */
  @Override
  public String toString() {
    return text;
  }
}
