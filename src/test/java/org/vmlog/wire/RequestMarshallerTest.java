package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RequestMarshallerTest {
  private static final RequestMarshaller MARSHALLER = RequestMarshaller.INSTANCE;

  @Test
  void parse_whatStreamMade_isTheSameBytes() throws IOException {
    byte[] message = "a message".getBytes(US_ASCII);
    assertThat(MARSHALLER.parse(MARSHALLER.stream(message))).isEqualTo(message);
  }
}
