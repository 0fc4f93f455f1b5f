package org.vmlog.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vmlog.proto.stream.GuestChannel;
import org.vmlog.proto.stream.PushRequest;
import org.vmlog.proto.stream.PushResponse;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.Timestamp;
import org.vmlog.testing.Seed;

/** What the encoders write is what protobuf's generated classes write, byte for byte. */
class RecordEncoderTest {
  private final RecordEncoder encoder = new RecordEncoder();

  @Test
  void encode_anyRecord_isWhatTheGeneratedClassWrites() {
    Random random = Seed.random("RecordEncoderTest");
    for (int i = 0; i < 2000; i++) {
      LogRecord expected = record(random, 1 + random.nextInt(i < 1900 ? 300 : 70_000));
      assertThat(encode(expected, random)).isEqualTo(expected.toByteArray());
    }
  }

  @Test
  void request_ofRecords_isWhatTheGeneratedClassWrites() {
    Random random = Seed.random("RecordEncoderTest");
    LogRequest.Builder expected = LogRequest.newBuilder();
    LineBuffer out = new LineBuffer(1 << 20);
    int bytes = 0;
    for (int i = 0; i < 40; i++) {
      LogRecord record = record(random, 1 + random.nextInt(20_000));
      byte[] encoded = encode(record, random);
      RecordEncoder.beginRecord(out, encoded.length);
      out.put(encoded);
      bytes += RecordEncoder.bytesInRequest(encoded.length);
      expected.addRecords(record);
    }
    assertThat(bytes).isEqualTo(out.position());
    assertThat(Arrays.copyOf(out.bytes(), bytes)).isEqualTo(expected.build().toByteArray());
  }

  @Test
  void batch_ofEitherChannel_isWhatTheGeneratedClassWrites() {
    LogRequest batch =
        LogRequest.newBuilder()
            .addRecords(LogRecord.newBuilder().setContent(ByteString.copyFromUtf8("hi")))
            .build();
    for (long first : new long[] {1, 127, 128, 1L << 40, Long.MAX_VALUE}) {
      for (Channel channel : new Channel[] {Channel.USER, Channel.KERNEL}) {
        int bytes = batch.getSerializedSize();
        LineBuffer out = new LineBuffer(PushMessages.batchMessageBytes(first, channel, bytes));
        PushMessages.beginBatch(out, first, channel, bytes);
        out.put(batch.toByteArray());
        assertThat(out.bytes())
            .isEqualTo(
                PushRequest.newBuilder()
                    .setFirstSeq(first)
                    .setChannel(channel == Channel.KERNEL ? GuestChannel.KERNEL : GuestChannel.USER)
                    .setBatch(batch)
                    .build()
                    .toByteArray());
      }
    }
  }

  @Test
  void hello_isAPushRequestWithNothingButTheStream() throws IOException {
    byte[] id = {1, 2, 3, 0, -1};
    assertThat(PushRequest.parseFrom(PushMessages.hello(id)))
        .isEqualTo(PushRequest.newBuilder().setStreamId(ByteString.copyFrom(id)).build());
  }

  @Test
  void lastSeq_ofAResponse_isItsNumber() throws IOException {
    for (long last : new long[] {0, 1, 300, Long.MAX_VALUE}) {
      byte[] response = PushResponse.newBuilder().setLastSeq(last).build().toByteArray();
      assertThat(PushMessages.lastSeq(response)).isEqualTo(last);
    }
    // of a later version: a string field 9 besides
    assertThat(PushMessages.lastSeq(new byte[] {74, 1, 'x', 8, 5})).isEqualTo(5);
  }

  private static LogRecord record(Random random, int length) {
    byte[] content = new byte[length];
    random.nextBytes(content);
    Timestamp.Builder timestamp = Timestamp.newBuilder();
    if (random.nextInt(10) > 0) {
      timestamp.setSeconds(random.nextLong() >> random.nextInt(64));
      timestamp.setNanos(random.nextInt(3) * random.nextInt(300_000_000));
    }
    return LogRecord.newBuilder()
        .setSeverityValue(1 + random.nextInt(8))
        .setTimestamp(timestamp)
        .setContent(ByteString.copyFrom(content))
        .build();
  }

  /** Encodes a record, and copies it in parts of random length. */
  private byte[] encode(LogRecord record, Random random) {
    byte[] content = record.getContent().toByteArray();
    byte[] around = new byte[content.length + 7];
    System.arraycopy(content, 0, around, 3, content.length);
    encoder.encode(
        new LogEntry()
            .set(
                record.getSeverityValue() - 1,
                record.getTimestamp().getSeconds(),
                record.getTimestamp().getNanos(),
                around,
                3,
                content.length));
    ByteBuffer out = ByteBuffer.allocate(encoder.length());
    int part;
    for (int from = 0; from < encoder.length(); from += part) {
      part = Math.min(encoder.length() - from, 1 + random.nextInt(encoder.length()));
      encoder.copy(from, part, out, from);
    }
    return out.array();
  }
}
