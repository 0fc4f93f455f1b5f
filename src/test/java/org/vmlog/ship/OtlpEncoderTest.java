package org.vmlog.ship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Seed;

/** Held against the generated classes of OpenTelemetry's own library. */
class OtlpEncoderTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");
  private static final LogSource SOURCE = new LogSource("alice/web-1", "alice", "web-1");

  private final OtlpEncoder encoder =
      new OtlpEncoder(
          new HostFacts("host-1", "rack3"),
          "{owner}/{name} on {host}",
          ZoneOffset.UTC,
          InstantSource.fixed(NOW),
          1 << 20);

  @Test
  void encode_lines_oneResourceAndARecordEach() throws Exception {
    String first = "<11>Feb 28 23:59:58 web-1 nginx[311]: café\n";
    LogsData data = encode(first + "<6>Mar  1 11:00:00 web-1 kernel: up\n", 1000);

    ResourceLogs resource = data.getResourceLogs(0);
    assertThat(data.getResourceLogsCount()).isOne();
    assertThat(attributes(resource.getResource().getAttributesList()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "host.id",
                "host-1",
                "host.name",
                "rack3",
                "service.name",
                "alice/web-1 on rack3",
                "service.instance.id",
                "host-1/alice/web-1",
                "vm.owner",
                "alice",
                "vm.name",
                "web-1"));
    assertThat(resource.getSchemaUrl()).isEqualTo("https://opentelemetry.io/schemas/1.37.0");
    assertThat(resource.getScopeLogsCount()).isOne();
    assertThat(resource.getScopeLogs(0).getScope().getName()).isEqualTo("vmlog-ship");
    List<LogRecord> records = resource.getScopeLogs(0).getLogRecordsList();
    assertThat(records).hasSize(2);
    assertThat(records.get(0).getBody().getStringValue()).isEqualTo("nginx[311]: café");
    assertThat(records.get(0).getTimeUnixNano())
        .isEqualTo(Instant.parse("2026-02-28T23:59:58Z").getEpochSecond() * 1_000_000_000L);
    assertThat(records.get(0).getObservedTimeUnixNano())
        .isEqualTo(NOW.getEpochSecond() * 1_000_000_000L + NOW.getNano());
    assertThat(records.get(0).getSeverityNumber()).isEqualTo(SeverityNumber.SEVERITY_NUMBER_ERROR);
    assertThat(records.get(0).getSeverityText()).isEqualTo("err");
    assertThat(attributes(records.get(0).getAttributesList()))
        .isEqualTo(
            Map.of(
                "log.record.uid", "host-1/alice/web-1/00000000000000ff@1000",
                "vm.channel", "user"));
    assertThat(attributes(records.get(1).getAttributesList()))
        .isEqualTo(
            Map.of(
                "log.record.uid",
                "host-1/alice/web-1/00000000000000ff@" + (1000 + first.getBytes(UTF_8).length),
                "vm.channel",
                "kernel"));
  }

  @Test
  void encode_lineThatSaysItsCid_hasItAsANumber() throws Exception {
    LogRecord record = record("Mar  1 11:00:00 <14>  VM(42): app: hi\n");
    assertThat(record.getBody().getStringValue()).isEqualTo("app: hi");
    KeyValue cid = record.getAttributes(2);
    assertThat(cid.getKey()).isEqualTo("vm.cid");
    assertThat(cid.getValue().getIntValue()).isEqualTo(42);
  }

  @Test
  void encode_lineThatNobodyKnows_bodyWithoutATime() throws Exception {
    LogRecord record = record("what is this\n");
    assertThat(record.getBody().getStringValue()).isEqualTo("what is this");
    assertThat(record.getTimeUnixNano()).isZero();
    assertThat(record.getSeverityNumber()).isEqualTo(SeverityNumber.SEVERITY_NUMBER_INFO2);
  }

  /**
   * Whatever our own forwarder takes for one line by its defaults fits into what Kafka takes by its
   * own.
   */
  @Test
  void encode_lineLongerThanAMessage_piecesThatAreTheLine() throws Exception {
    String content = "app: " + "é€😀x".repeat(300_000);
    byte[] text = ("<14>Mar  1 11:00:00 web-1 " + content + "\n").getBytes(UTF_8);
    StringBuilder joined = new StringBuilder();
    List<byte[]> messages = encoder.encode(new Batch(SOURCE, 255, 7, text, text.length, 1));
    for (int i = 0; i < messages.size(); i++) {
      assertThat(messages.get(i).length).isLessThanOrEqualTo(1 << 20);
      LogRecord record =
          LogsData.parseFrom(messages.get(i)).getResourceLogs(0).getScopeLogs(0).getLogRecords(0);
      assertThat(attributes(record.getAttributesList()))
          .containsEntry("log.record.uid", "host-1/alice/web-1/00000000000000ff@7")
          .containsEntry("vm.part", (i + 1) + "/" + messages.size());
      joined.append(record.getBody().getStringValue());
    }
    assertThat(messages).hasSizeGreaterThan(2);
    assertThat(joined.toString()).isEqualTo(content);
  }

  @Test
  void encode_gap_oneRecord() throws Exception {
    LogsData data = LogsData.parseFrom(encoder.encode(new Gap(SOURCE, 255, 10, 30)).get(0));
    LogRecord record = data.getResourceLogs(0).getScopeLogs(0).getLogRecords(0);
    assertThat(record.getSeverityText()).isEqualTo("warning");
    assertThat(record.getBody().getStringValue())
        .isEqualTo(
            "vmlog-ship: 20 bytes were deleted before they were shipped, from 10 of file"
                + " 00000000000000ff");
    assertThat(attributes(record.getAttributesList()))
        .isEqualTo(
            Map.of(
                "log.record.uid", "host-1/alice/web-1/00000000000000ff@10-30",
                "vm.channel", "shipper"));
  }

  /** Whatever bytes a file holds, what comes out is a message, and its records are the lines. */
  @Test
  void encode_randomBytes_readableByTheGeneratedClasses() throws Exception {
    Random random = Seed.random("OtlpEncoderTest");
    for (int round = 0; round < 300; round++) {
      byte[] text = new byte[1 + random.nextInt(4000)];
      random.nextBytes(text);
      if (random.nextBoolean()) {
        for (int i = 0; i < text.length; i++) {
          text[i] = (byte) "<13>1 -Mar 0:59.[]=\"\\VM()x\n".charAt((text[i] & 0xFF) % 27);
        }
      }
      text[text.length - 1] = '\n';
      Batch batch = new Batch(SOURCE, 1, random.nextLong() >>> 1, text, text.length, 1);
      int[] count = new int[1];
      batch.forEach((from, to) -> count[0]++);
      LogsData data = LogsData.parseFrom(encoder.encode(batch).get(0));
      assertThat(data.getResourceLogs(0).getScopeLogs(0).getLogRecordsCount()).isEqualTo(count[0]);
    }
  }

  private LogRecord record(String line) throws Exception {
    return encode(line, 0).getResourceLogs(0).getScopeLogs(0).getLogRecords(0);
  }

  private LogsData encode(String lines, long offset) throws Exception {
    byte[] text = lines.getBytes(UTF_8);
    List<byte[]> messages = encoder.encode(new Batch(SOURCE, 255, offset, text, text.length, 1));
    assertThat(messages).hasSize(1);
    return LogsData.parseFrom(messages.get(0));
  }

  private static Map<String, String> attributes(List<KeyValue> attributes) {
    Map<String, String> values = new TreeMap<>();
    attributes.forEach(one -> values.put(one.getKey(), one.getValue().getStringValue()));
    return values;
  }
}
