package org.vmlog.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vmlog.proto.stream.PushRequest;
import org.vmlog.proto.stream.PushResponse;
import org.vmlog.proto.vmtools.LogRecord;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.testing.Seed;

/** Messages of a Push against protobuf's generated classes: the same, or both refuse. */
class PushMessageTest {
  private static final int MESSAGES = 100_000;

  /** Everything that a message says. */
  private record Said(
      ByteString streamId, long firstSeq, int channel, Optional<List<SeenRecord>> batch) {}

  private final RequestCursor cursor = new RequestCursor(Integer.MAX_VALUE);

  @Test
  void parse_everyField_isRead() throws Exception {
    PushRequest message =
        PushRequest.newBuilder()
            .setStreamId(ByteString.copyFromUtf8("boot"))
            .setFirstSeq(-1)
            .setChannelValue(7)
            .setBatch(
                LogRequest.newBuilder()
                    .addRecords(
                        LogRecord.newBuilder().setContent(ByteString.copyFromUtf8("hello"))))
            .build();

    PushMessage parsed = PushMessage.parse(message.toByteArray());

    assertThat(parsed.streamId()).isEqualTo("boot".getBytes(UTF_8));
    assertThat(parsed.firstSeq()).isEqualTo(-1);
    assertThat(parsed.channel()).isEqualTo(7);
    assertThat(walked(message.toByteArray())).isEqualTo(generated(message.toByteArray()));
  }

  @Test
  void parse_nothing_hasNothing() throws Exception {
    PushMessage parsed = PushMessage.parse(new byte[0]);

    assertThat(parsed.streamId()).isEmpty();
    assertThat(parsed.firstSeq()).isZero();
    assertThat(parsed.channel()).isZero();
    assertThat(parsed.hasBatch()).isFalse();
  }

  @Test
  void parse_secondBatch_isRefused() {
    byte[] message = HexFormat.of().parseHex("22002200");
    assertThatThrownBy(() -> PushMessage.parse(message))
        .isInstanceOf(MalformedRequestException.class)
        .hasMessage(
            "malformed request: at byte 3 of 4, where a serialized vmlog.v1.PushRequest goes on:"
                + " a second batch");
  }

  @Test
  void parse_batchIsMalformed_isFoundWhenItIsWalkedWithItsPlaceInTheMessage() throws Exception {
    byte[] message = HexFormat.of().parseHex("10072202" + "0a7f");
    PushMessage.parse(message).start(cursor);

    assertThatThrownBy(cursor::checkRest)
        .isInstanceOf(MalformedRequestException.class)
        .hasMessageStartingWith(
            "malformed request: at byte 6 of 6, where a serialized vm_tools.LogRequest goes on:");
  }

  @Test
  void parse_randomAndMutatedMessages_asTheGeneratedClasses() {
    Random random = Seed.random("push message");
    RandomRequest batches = new RandomRequest(random);
    int refused = 0;
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = random(random, batches);
      Optional<Said> expected = generated(message);
      Optional<Said> actual = walked(message);
      if (!expected.equals(actual)) {
        assertThat(actual).as("message %s", HexFormat.of().formatHex(message)).isEqualTo(expected);
      }
      refused += expected.isEmpty() ? 1 : 0;
    }
    assertThat(refused).isBetween(MESSAGES / 20, MESSAGES * 19 / 20);
  }

  @Test
  void response_anyNumber_asTheGeneratedClass() {
    Random random = Seed.random("push response");
    List<Long> numbers = new ArrayList<>(List.of(0L, 1L, 127L, 128L, Long.MAX_VALUE));
    random.longs(1000).map(number -> number >>> random.nextInt(64)).forEach(numbers::add);
    for (long number : numbers) {
      assertThat(PushMessages.response(number))
          .isEqualTo(PushResponse.newBuilder().setLastSeq(number).build().toByteArray());
    }
  }

  private static byte[] random(Random random, RandomRequest batches) {
    PushRequest.Builder message = PushRequest.newBuilder();
    if (random.nextBoolean()) {
      byte[] id = new byte[random.nextInt(40)];
      random.nextBytes(id);
      message.setStreamId(ByteString.copyFrom(id));
    }
    if (random.nextBoolean()) {
      message.setFirstSeq(random.nextLong() >> random.nextInt(64));
    }
    if (random.nextBoolean()) {
      message.setChannelValue(random.nextInt(4));
    }
    byte[] bytes = message.build().toByteArray();
    if (random.nextBoolean()) {
      byte[] batch = batches.next();
      if (batch.length < 128) { // its length in one byte
        byte[] whole = Arrays.copyOf(bytes, bytes.length + 2 + batch.length);
        whole[bytes.length] = 0x22;
        whole[bytes.length + 1] = (byte) batch.length;
        System.arraycopy(batch, 0, whole, bytes.length + 2, batch.length);
        bytes = whole;
      }
    }
    if (random.nextInt(3) == 0 && bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return random.nextInt(5) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
  }

  private Optional<Said> walked(byte[] bytes) {
    try {
      PushMessage message = PushMessage.parse(bytes);
      Optional<List<SeenRecord>> batch = Optional.empty();
      if (message.hasBatch()) {
        List<SeenRecord> seen = new ArrayList<>();
        LogEntry entry = new LogEntry();
        message.start(cursor);
        while (cursor.next(entry)) {
          seen.add(SeenRecord.of(entry));
        }
        batch = Optional.of(seen);
      }
      return Optional.of(
          new Said(
              ByteString.copyFrom(message.streamId()),
              message.firstSeq(),
              message.channel(),
              batch));
    } catch (RequestException e) {
      return Optional.empty();
    }
  }

  private static Optional<Said> generated(byte[] bytes) {
    try {
      PushRequest message = PushRequest.parseFrom(bytes);
      Optional<List<SeenRecord>> batch =
          message.hasBatch()
              ? SeenRecord.generated(message.getBatch().toByteArray())
              : Optional.empty();
      return Optional.of(
          new Said(message.getStreamId(), message.getFirstSeq(), message.getChannelValue(), batch));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }
}
