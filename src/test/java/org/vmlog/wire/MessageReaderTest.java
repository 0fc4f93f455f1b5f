package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.testing.Seed;
import org.vmlog.wire.MessageReader.RefusedException;
import org.vmlog.wire.Reply.Refusal;

class MessageReaderTest {
  private static final int MAX = 1 << 20;

  private final RequestMemory memory = new RequestMemory(16 << 20);
  private final RequestMemory.Charge charge =
      new RequestMemory.Charge(memory.open(new SourceIdentity.Anonymous(3)));
  private final MessageReader reader = new MessageReader(charge, MAX, true, Refusal.UNAVAILABLE);

  /** Nothing stays charged, whatever was read. */
  @AfterEach
  void end_afterAnything_givesAllBack() {
    reader.end();
    charge.release();
    assertThat(memory.heldBytes()).isZero();
  }

  private static byte[] framed(int flag, int length, byte[] message) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(flag).writeInt(length).writeBytes(message);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  private static byte[] framed(byte[] message) {
    return framed(0, message.length, message);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private static byte[] packed(byte[] message) throws IOException {
    byte[] gzip = gzip(message);
    return framed(1, gzip.length, gzip);
  }

  private List<byte[]> read(byte[] bytes) throws RefusedException {
    return read(bytes, bytes.length);
  }

  private List<byte[]> read(byte[] bytes, int piece) throws RefusedException {
    List<byte[]> messages = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += piece) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes, at, Math.min(piece, bytes.length - at));
      while (in.isReadable()) {
        byte[] message = reader.read(in);
        if (message != null) {
          messages.add(message);
        }
      }
    }
    return messages;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void read_messagesInPiecesOfAnySize_areWholeAndInOrder() throws Exception {
    byte[] text = "the same again and again ".repeat(9000).getBytes(US_ASCII);
    ByteBuf all = Unpooled.buffer();
    List<byte[]> sent =
        List.of(random(10), new byte[0], random(MAX), text, text, new byte[MAX], random(70_000));
    for (int i = 0; i < sent.size(); i++) {
      all.writeBytes(i % 2 == 0 ? framed(sent.get(i)) : packed(sent.get(i)));
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    Random random = Seed.random("MessageReaderTest");
    for (int piece : new int[] {1, 7, 16_384, bytes.length, 1 + random.nextInt(50_000)}) {
      assertThat(read(bytes, piece)).as("pieces of %d", piece).containsExactlyElementsOf(sent);
      charge.release();
    }
  }

  @Test
  void read_wholeMessage_isChargedAsLargeAsItIs() throws Exception {
    List<byte[]> unused = read(packed(new byte[300_001]));
    assertThat(memory.heldBytes()).isEqualTo(300_001);
  }

  /** Announced is not sent: what has come twice over is held for it, or 64 KiB. */
  @Test
  void read_beginningOfALargeMessage_isChargedForLittle() throws Exception {
    assertThat(read(framed(0, MAX, new byte[1]))).isEmpty();
    assertThat(memory.heldBytes()).isEqualTo(64 << 10);
    assertThat(read(new byte[100_000])).isEmpty();
    assertThat(memory.heldBytes()).isLessThanOrEqualTo(2 * 100_001);
  }

  @Test
  void read_lengthOverTheLargest_isRefusedWithBoth() {
    assertRefused(
        framed(0, MAX + 1, new byte[0]),
        Refusal.TOO_LARGE,
        "a message of 1048577 bytes; allowed are 1048576");
    assertRefused(
        framed(0, -1, new byte[0]),
        Refusal.TOO_LARGE,
        "a message of 4294967295 bytes; allowed are 1048576");
  }

  @Test
  void read_unpacksToMoreThanTheLargest_isRefused() throws Exception {
    assertRefused(
        packed(new byte[MAX + 1]),
        Refusal.TOO_LARGE,
        "a message unpacks to more than 1048576 bytes");
  }

  @Test
  void read_flagsOfNoMeaning_areRefused() {
    assertRefused(
        framed(2, 1, new byte[1]), Refusal.MALFORMED, "a message's flags are 2; allowed is 0 or 1");
    MessageReader plain = new MessageReader(charge, MAX, false, Refusal.TOO_LARGE);
    assertThatThrownBy(() -> plain.read(Unpooled.wrappedBuffer(framed(1, 1, new byte[1]))))
        .hasMessage("a message's flags are 1; allowed is 0");
  }

  @Test
  void read_noGzip_isRefused() throws Exception {
    assertRefused(
        framed(1, 20, new byte[20]),
        Refusal.MALFORMED,
        "a message cannot be unpacked: no gzip header");
    byte[] cut = gzip(random(100));
    assertRefused(
        framed(1, cut.length - 1, cut),
        Refusal.MALFORMED,
        "a message cannot be unpacked: its gzip is cut off");
    byte[] damaged = gzip(random(100));
    damaged[damaged.length - 6] ^= 1;
    assertRefused(
        framed(1, damaged.length, damaged),
        Refusal.MALFORMED,
        "a message cannot be unpacked: its checksum or its length is another");
  }

  /** RFC 1952 section 2.2: members one after the other are one file; and each may have a name. */
  @Test
  void read_gzipOfSeveralMembersWithAllOptionalParts_isUnpacked() throws Exception {
    byte[] first = gzip("first ".getBytes(US_ASCII));
    byte[] second = gzip("second".getBytes(US_ASCII));
    ByteBuf out = Unpooled.buffer();
    out.writeBytes(first, 0, 3).writeByte(2 | 4 | 8 | 16).writeBytes(first, 4, 6);
    out.writeBytes(new byte[] {3, 0, 'x', 'y', 'z'})
        .writeBytes("name\0comment\0".getBytes(US_ASCII));
    out.writeShort(0).writeBytes(first, 10, first.length - 10).writeBytes(second);
    byte[] both = new byte[out.readableBytes()];
    out.readBytes(both);
    for (int piece : new int[] {1, 1000}) {
      assertThat(read(framed(1, both.length, both), piece))
          .containsExactly("first second".getBytes(US_ASCII));
    }
  }

  @Test
  void read_moreThanTheSourceMayHold_isRefusedAsTold() {
    assertThat(charge.take(8 << 20)).isTrue();
    assertRefused(
        framed(0, 1000, new byte[1]),
        Refusal.UNAVAILABLE,
        "too much is being sent at once: 8388608 bytes of this source are held and 1000 more were"
            + " wanted; allowed are 8388608 now");
  }

  private void assertRefused(byte[] bytes, Refusal refusal, String reason) {
    MessageReader one = new MessageReader(charge, MAX, true, Refusal.UNAVAILABLE);
    assertThatThrownBy(
            () -> {
              ByteBuf in = Unpooled.wrappedBuffer(bytes);
              while (in.isReadable()) {
                one.read(in);
              }
            })
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(refusal))
        .hasMessage(reason);
    one.end();
  }
}
