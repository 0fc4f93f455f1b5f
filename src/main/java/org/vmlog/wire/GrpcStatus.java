package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** The statuses that are answered here, with gRPC's numbers for them. */
@SuppressWarnings("ImmutableEnumChecker") // nobody changes the text
enum GrpcStatus {
  OK(0),
  INVALID_ARGUMENT(3),
  DEADLINE_EXCEEDED(4),
  PERMISSION_DENIED(7),
  RESOURCE_EXHAUSTED(8),
  ABORTED(10),
  UNIMPLEMENTED(12),
  INTERNAL(13),
  UNAVAILABLE(14);

  private static final String HEX = "0123456789ABCDEF";

  /** As grpc-status has it. */
  final AsciiString code;

  GrpcStatus(int code) {
    this.code = AsciiString.cached(Integer.toString(code));
  }

  /** A text as grpc-message has it: percent-encoded ("Status-Message" in PROTOCOL-HTTP2). */
  static AsciiString message(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      if (each >= ' ' && each <= '~' && each != '%') {
        out.append((char) each);
      } else {
        out.append('%').append(HEX.charAt((each >> 4) & 0xf)).append(HEX.charAt(each & 0xf));
      }
    }
    return AsciiString.of(out);
  }
}
