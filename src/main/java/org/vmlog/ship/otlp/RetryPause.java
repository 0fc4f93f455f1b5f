package org.vmlog.ship.otlp;

import static org.vmlog.ship.otlp.ExportAnswer.tag;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Metadata;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The pause that a receiver asks for beside its refusal: a {@code google.rpc.RetryInfo} in the
 * {@code google.rpc.Status} of the trailer {@code grpc-status-details-bin}, as the OTLP
 * specification has it under "OTLP/gRPC Throttling". Stateless.
 */
final class RetryPause {
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private static final int STATUS_DETAILS = tag(3, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int ANY_TYPE = tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int ANY_VALUE = tag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int RETRY_DELAY = tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int SECONDS = tag(1, WireFormat.WIRETYPE_VARINT);
  private static final int NANOS = tag(2, WireFormat.WIRETYPE_VARINT);

  private RetryPause() {}

  /** Empty if none is asked for, or what stands there is not to be understood. */
  static Optional<Duration> of(Metadata trailers) {
    byte[] details = trailers.get(DETAILS);
    if (details == null) {
      return Optional.empty();
    }
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
    return Optional.of(pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
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
    long most = LONGEST.toSeconds();
    return Duration.ofSeconds(Math.max(0, Math.min(seconds, most)), Math.max(0, nanos));
  }
}
