package org.vmlog.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vmlog.testing.Seed;

class PayloadPackerTest {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int DATA = 0;
  private static final int UNKNOWN = 0xfa;
  private static final int READ_BYTES = 32 << 10;

  private final EmbeddedChannel channel = new EmbeddedChannel(new PayloadPacker());
  private final ByteBufAllocator untracked = new UnpooledByteBufAllocator(true, true);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  @BeforeEach
  void allocateWithoutWrappers() {
    channel.config().setAllocator(untracked);
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void read_crumbsAmongFrames_holdsNoMoreThanThemselves() {
    read(PREFACE, READ_BYTES);
    for (int i = 0; i < 3; i++) {
      read(frames(frame(DATA, 1), frame(UNKNOWN, 16_000)), READ_BYTES);
    }
    List<ByteBuf> parts = parts();
    assertThat(parts.stream().filter(part -> part.readableBytes() == 1))
        .hasSize(3)
        .allMatch(part -> part.capacity() == 1 && part.unwrap() == null);
    assertThat(joined(parts)).isEqualTo(sent.toByteArray());
  }

  @Test
  void read_frameInManyReads_goesOnInOnePiece() {
    read(PREFACE, READ_BYTES);
    byte[] frame = frame(DATA, 16 << 10);
    for (int at = 0; at < frame.length; at += 1000) {
      byte[] piece = new byte[Math.min(1000, frame.length - at)];
      System.arraycopy(frame, at, piece, 0, piece.length);
      read(piece, READ_BYTES);
    }
    List<ByteBuf> parts = parts();
    assertThat(parts.get(parts.size() - 1).readableBytes()).isEqualTo(16 << 10);
    assertThat(joined(parts)).isEqualTo(sent.toByteArray());
  }

  @Test
  void read_small_goesOnAsItIs() {
    byte[] whole = frames(PREFACE, frame(1, 200), frame(DATA, 300));
    read(whole, PayloadPacker.SMALL_READ_BYTES);
    assertThat(parts()).singleElement().matches(part -> part.readableBytes() == whole.length);
  }

  /** Whatever is sent, and however it comes, arrives as it is. */
  @Test
  void read_anything_changesNoByte() {
    Random random = Seed.random("PayloadPackerTest");
    for (int round = 0; round < 300; round++) {
      EmbeddedChannel one = new EmbeddedChannel(new PayloadPacker());
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      if (random.nextInt(5) > 0) {
        all.writeBytes(PREFACE);
      }
      for (int i = random.nextInt(12); i > 0; i--) {
        byte[] frame = frame(random.nextInt(3) == 0 ? UNKNOWN : DATA, random.nextInt(20_000));
        if (random.nextInt(20) == 0) {
          random.nextBytes(frame); // no HTTP/2 from here on
        }
        all.writeBytes(frame);
      }
      byte[] expected = all.toByteArray();
      for (int at = 0; at < expected.length; ) {
        int most = random.nextBoolean() ? 40 : READ_BYTES;
        int length = Math.min(1 + random.nextInt(most), expected.length - at);
        ByteBuf read = one.alloc().ioBuffer(random.nextBoolean() ? READ_BYTES : length);
        one.writeInbound(read.writeBytes(expected, at, length));
        at += length;
      }
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      one.finish();
      for (ByteBuf part = one.readInbound(); part != null; part = one.readInbound()) {
        got.writeBytes(ByteBufUtil.getBytes(part));
        part.release();
      }
      // What is left is a payload whose end has not come.
      assertThat(expected).startsWith(got.toByteArray());
      assertThat(expected.length - got.size()).isLessThan(16 << 10);
    }
  }

  private void read(byte[] bytes, int capacity) {
    sent.writeBytes(bytes);
    channel.writeInbound(channel.alloc().ioBuffer(capacity).writeBytes(bytes));
  }

  private List<ByteBuf> parts() {
    List<ByteBuf> parts = new ArrayList<>();
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      parts.add(part);
    }
    return parts;
  }

  private static byte[] joined(List<ByteBuf> parts) {
    return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts.toArray(ByteBuf[]::new)));
  }

  private static byte[] frame(int type, int payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload);
    frame.put((byte) (payload >> 16)).putShort((short) payload).put((byte) type);
    return frame.array();
  }

  private static byte[] frames(byte[]... frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }
}
