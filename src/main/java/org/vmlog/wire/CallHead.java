package org.vmlog.wire;

import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a call's headers say ("Request-Headers" in gRPC's PROTOCOL-HTTP2); other metadata is not
 * looked at.
 *
 * @param method what is called; null when nothing here has its path
 * @param gzip whether its messages may be compressed
 * @param deadlineNanos until when the peer waits, by System.nanoTime; 0 if it does not say
 */
record CallHead(@Nullable Method method, boolean gzip, long deadlineNanos) {
  /** What guests can call. */
  @SuppressWarnings("ImmutableEnumChecker") // nobody changes the text
  enum Method {
    COLLECT_KERNEL("/vm_tools.LogCollector/CollectKernelLogs"),
    COLLECT_USER("/vm_tools.LogCollector/CollectUserLogs"),
    PUSH("/vmlog.v1.LogStream/Push");

    private static final Method[] ALL = values();

    private final AsciiString path;

    Method(String path) {
      this.path = AsciiString.cached(path);
    }

    private static @Nullable Method of(@Nullable CharSequence path) {
      for (Method method : ALL) {
        if (path != null && method.path.contentEquals(path)) {
          return method;
        }
      }
      return null;
    }
  }

  /** A call that is none of gRPC's, or none that can be served. */
  static final class UnfitException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int httpStatus;
    private final GrpcStatus status;

    private UnfitException(int httpStatus, GrpcStatus status, String reason) {
      super(reason, null, false, false);
      this.httpStatus = httpStatus;
      this.status = status;
    }

    int httpStatus() {
      return httpStatus;
    }

    GrpcStatus status() {
      return status;
    }
  }

  static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString ENCODING = AsciiString.cached("grpc-encoding");
  private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
  private static final AsciiString POST = AsciiString.cached("POST");
  private static final AsciiString GZIP = AsciiString.cached("gzip");
  private static final AsciiString IDENTITY = AsciiString.cached("identity");
  private static final int MAX_TIMEOUT_DIGITS = 8;

  /** Reads them. */
  static CallHead of(Http2Headers headers) throws UnfitException {
    if (headers.method() == null || !POST.contentEquals(headers.method())) {
      throw new UnfitException(405, GrpcStatus.INTERNAL, "the HTTP method is to be POST");
    }
    if (!isGrpc(headers.get(CONTENT_TYPE))) {
      throw new UnfitException(
          415, GrpcStatus.INTERNAL, "the content-type is to be application/grpc");
    }
    CharSequence encoding = headers.get(ENCODING);
    boolean gzip = encoding != null && GZIP.contentEquals(encoding);
    if (encoding != null && !gzip && !IDENTITY.contentEquals(encoding)) {
      throw new UnfitException(
          200, GrpcStatus.UNIMPLEMENTED, "an unknown grpc-encoding; allowed are identity and gzip");
    }
    return new CallHead(Method.of(headers.path()), gzip, deadline(headers.get(TIMEOUT)));
  }

  private static boolean isGrpc(@Nullable CharSequence type) {
    if (type == null || type.length() <= GRPC.length()) {
      return type != null && GRPC.contentEquals(type);
    }
    char next = type.charAt(GRPC.length());
    return GRPC.contentEquals(type.subSequence(0, GRPC.length())) && (next == '+' || next == ';');
  }

  /** At most eight digits and a unit; anything else is as if it were not there. */
  private static long deadline(@Nullable CharSequence timeout) {
    if (timeout == null || timeout.length() < 2 || timeout.length() > MAX_TIMEOUT_DIGITS + 1) {
      return 0;
    }
    long value = 0;
    for (int i = 0; i < timeout.length() - 1; i++) {
      int digit = timeout.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      value = value * 10 + digit;
    }
    TimeUnit unit =
        switch (timeout.charAt(timeout.length() - 1)) {
          case 'H' -> TimeUnit.HOURS;
          case 'M' -> TimeUnit.MINUTES;
          case 'S' -> TimeUnit.SECONDS;
          case 'm' -> TimeUnit.MILLISECONDS;
          case 'u' -> TimeUnit.MICROSECONDS;
          case 'n' -> TimeUnit.NANOSECONDS;
          default -> null;
        };
    // A quarter of what a long holds is 73 years, and a sum with the clock that cannot overflow.
    return unit == null
        ? 0
        : (System.nanoTime() + Math.min(unit.toNanos(value), Long.MAX_VALUE / 4)) | 1;
  }
}
