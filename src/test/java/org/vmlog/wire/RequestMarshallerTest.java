package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class RequestMarshallerTest {
  private static final RequestMarshaller MARSHALLER = RequestMarshaller.INSTANCE;

  @Test
  void parse_whatStreamMade_isTheSameBytes() throws IOException {
    byte[] message = "a message".getBytes(US_ASCII);
    assertThat(MARSHALLER.parse(MARSHALLER.stream(message))).isEqualTo(message);
  }

  @Test
  void parse_emptyMessage_isNoneOfTheOthers() {
    assertThat(MARSHALLER.parse(MARSHALLER.stream(new byte[0])))
        .isNotSameAs(RequestMarshaller.CORRUPT)
        .isNotSameAs(RequestMarshaller.TOO_LARGE)
        .isEqualTo(new byte[0]);
  }

  @Test
  void parse_compressedButCutShort_isCorrupt() throws IOException {
    byte[] header = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 99};
    assertThat(MARSHALLER.parse(new GZIPInputStream(new ByteArrayInputStream(header))))
        .isSameAs(RequestMarshaller.CORRUPT);
  }
}
