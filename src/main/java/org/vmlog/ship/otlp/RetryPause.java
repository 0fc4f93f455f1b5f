package org.vmlog.ship.otlp;

import static org.vmlog.ship.otlp.ExportAnswer.tag;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Metadata;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * The pause that a receiver asks for beside its refusal, as the OTLP specification has it: by gRPC
 * a {@code google.rpc.RetryInfo} in the {@code google.rpc.Status} of the trailer {@code
 * grpc-status-details-bin}, by HTTP the header Retry-After, RFC 9110 section 10.2.3. Stateless.
 */
final class RetryPause {
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";

  /** Longer than anybody is left alone, and short enough to be reckoned with. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final int STATUS_MESSAGE = tag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int STATUS_DETAILS = tag(3, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int ANY_TYPE = tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int ANY_VALUE = tag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int RETRY_DELAY = tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int SECONDS = tag(1, WireFormat.WIRETYPE_VARINT);
  private static final int NANOS = tag(2, WireFormat.WIRETYPE_VARINT);

  private RetryPause() {}

  /** By HTTP: a number of seconds, or a date. */
  static Optional<Duration> of(String retryAfter, Instant now) {
    if (retryAfter.matches("[0-9]{1,18}")) {
      return Optional.of(bounded(Long.parseLong(retryAfter), 0));
    }
    try {
      Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(retryAfter));
      return Optional.of(bounded(Duration.between(now, then).toSeconds(), 0));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Empty if none is asked for, or what stands there is not to be understood. */
  static Optional<Duration> of(byte[] details) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(details);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        Optional<Duration> pause =
            tag == STATUS_DETAILS ? any(in.readByteArray()) : Optional.empty();
        if (pause.isPresent()) {
          return pause;
        }
        if (tag != STATUS_DETAILS) {
          in.skipField(tag);
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** What a {@code google.rpc.Status} says for people; empty if it is none. */
  static String message(byte[] status) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(status);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == STATUS_MESSAGE) {
          return in.readStringRequireUtf8();
        }
        in.skipField(tag);
      }
    } catch (IOException e) {
      return "";
    }
    return "";
  }

  private static Optional<Duration> any(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    String type = "";
    byte[] value = {};
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == ANY_TYPE) {
        type = in.readString();
      } else if (tag == ANY_VALUE) {
        value = in.readByteArray();
      } else {
        in.skipField(tag);
      }
    }
    return type.equals(RETRY_INFO) ? retryInfo(value) : Optional.empty();
  }

  private static Optional<Duration> retryInfo(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    Duration pause = Duration.ZERO;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == RETRY_DELAY) {
        pause = duration(in.readByteArray());
      } else {
        in.skipField(tag);
      }
    }
    return Optional.of(pause);
  }

  private static Duration duration(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    long seconds = 0;
    long nanos = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == SECONDS) {
        seconds = in.readInt64();
      } else if (tag == NANOS) {
        nanos = in.readInt32();
      } else {
        in.skipField(tag);
      }
    }
    return bounded(seconds, nanos);
  }

  private static Duration bounded(long seconds, long nanos) {
    long most = LONGEST.toSeconds();
    return Duration.ofSeconds(Math.max(0, Math.min(seconds, most)), Math.max(0, nanos));
  }
}
