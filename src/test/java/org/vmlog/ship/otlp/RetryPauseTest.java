package org.vmlog.ship.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.ship.EngineState.Kind;

/** What a receiver asks for, whatever it asks for. */
class RetryPauseTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "0, 0, PT0S",
    "5, 500000000, PT5.5S",
    "-9223372036854775808, 0, PT0S",
    "9223372036854775807, 0, PT24H",
    "0, -1, PT0S",
    "0, 1, PT0.000000001S"
  })
  void of_retryInfo_isBounded(long seconds, long nanos, Duration pause) {
    UnknownFieldSet duration =
        UnknownFieldSet.newBuilder()
            .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(seconds).build())
            .addField(2, UnknownFieldSet.Field.newBuilder().addVarint(nanos).build())
            .build();
    ByteString any =
        bytes(1, ByteString.copyFromUtf8("type.googleapis.com/google.rpc.RetryInfo"))
            .concat(bytes(2, bytes(1, duration.toByteString())));
    assertThat(RetryPause.of(bytes(3, any).toByteArray())).contains(pause);
  }

  @Test
  void of_detailsThatAreNone_isEmpty() {
    assertThat(RetryPause.of(new byte[] {(byte) 0xff, 1, 2})).isEmpty();
    ByteString other = bytes(1, ByteString.copyFromUtf8("type.googleapis.com/google.rpc.Help"));
    assertThat(RetryPause.of(bytes(3, other).toByteArray())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "7, PT7S",
    "999999999999999999, PT24H",
    "'Sun, 01 Mar 2026 12:00:09 GMT', PT9S",
    "'Sun, 01 Mar 2026 11:00:00 GMT', PT0S",
    "-1, ",
    "soon, "
  })
  void of_retryAfter_isBounded(String header, Duration pause) {
    assertThat(RetryPause.of(header, NOW).orElse(null)).isEqualTo(pause);
  }

  @ParameterizedTest
  @CsvSource({"429, THROTTLED", "503, THROTTLED", "500, REFUSED"})
  void of_httpStatusWithRetryAfter_pauseWhereItMeansOne(int code, Kind kind) {
    OtlpFault fault = OtlpFault.of(code, "7", new byte[0]);
    assertThat(fault.state().kind()).isEqualTo(kind);
    assertThat(fault.pause().isPresent()).isEqualTo(kind == Kind.THROTTLED);
  }

  private static ByteString bytes(int field, ByteString value) {
    return UnknownFieldSet.newBuilder()
        .addField(field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build())
        .build()
        .toByteString();
  }
}
