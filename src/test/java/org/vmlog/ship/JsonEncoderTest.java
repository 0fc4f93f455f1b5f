package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Read back with a library's parser. */
class JsonEncoderTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final LogSource SOURCE = new LogSource("alice/web-1", "alice", "web-1");
  private static final int MAX_MESSAGE = 16 << 10;

  private final JsonEncoder encoder =
      new JsonEncoder(
          new HostFacts("host-1", "rack3"), ZoneOffset.UTC, InstantSource.fixed(NOW), MAX_MESSAGE);

  @Test
  void encode_lines_anObjectEach() {
    List<byte[]> messages =
        encode("<11>Mar  1 11:00:00 web-1 a\"b\\c\u0001\u00e9\n<6>Mar  1 11:00:01 web-1 up\n");
    assertThat(messages)
        .extracting(message -> new String(message, UTF_8))
        .containsExactly(
            "{\"ID\":\"host-1/alice/web-1/00000000000000ff@0\",\"HOST_ID\":\"host-1\","
                + "\"HOSTNAME\":\"rack3\",\"VM_OWNER\":\"alice\",\"VM_NAME\":\"web-1\","
                + "\"__REALTIME_TIMESTAMP\":\"1772362800000000\",\"PRIORITY\":\"3\","
                + "\"SYSLOG_FACILITY\":\"1\",\"VM_CHANNEL\":\"user\","
                + "\"MESSAGE\":\"a\\\"b\\\\c\\u0001\u00e9\"}",
            "{\"ID\":\"host-1/alice/web-1/00000000000000ff@35\",\"HOST_ID\":\"host-1\","
                + "\"HOSTNAME\":\"rack3\",\"VM_OWNER\":\"alice\",\"VM_NAME\":\"web-1\","
                + "\"__REALTIME_TIMESTAMP\":\"1772362801000000\",\"PRIORITY\":\"6\","
                + "\"SYSLOG_FACILITY\":\"0\",\"VM_CHANNEL\":\"kernel\",\"MESSAGE\":\"up\"}");
  }

  /** What counts is how long the text is when it is quoted. */
  @Test
  void encode_lineThatIsLongerThanAMessageOnceItIsQuoted_piecesThatAreTheLine() {
    String content = "app: " + "\"\\\u00e9\u20ac\ud83d\ude00x\u0001".repeat(3000);
    List<byte[]> messages = encode("<14>Mar  1 11:00:00 web-1 " + content + "\n");
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < messages.size(); i++) {
      assertThat(messages.get(i).length).isLessThanOrEqualTo(MAX_MESSAGE);
      JsonObject piece =
          JsonParser.parseString(new String(messages.get(i), UTF_8)).getAsJsonObject();
      assertThat(piece.get("ID").getAsString()).isEqualTo("host-1/alice/web-1/00000000000000ff@0");
      assertThat(piece.get("VM_PART").getAsString()).isEqualTo((i + 1) + "/" + messages.size());
      joined.append(piece.get("MESSAGE").getAsString());
    }
    assertThat(messages).hasSizeBetween(4, 5);
    assertThat(joined.toString()).isEqualTo(content);
  }

  private List<byte[]> encode(String lines) {
    byte[] text = lines.getBytes(UTF_8);
    return encoder.encode(new Batch(SOURCE, 255, 0, text, text.length, 1));
  }
}
