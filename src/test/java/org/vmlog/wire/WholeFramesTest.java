package org.vmlog.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.testing.Seed;

class WholeFramesTest {
  private static final SourceIdentity GUEST = new SourceIdentity.Anonymous(3);
  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1);

  private final RequestMemory memory = new RequestMemory(1 << 20);
  private final List<FirstBytes> foreign = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new WholeFrames(memory.open(GUEST), GUEST, foreign::add));

  private static ByteBuf frame(int length) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeMedium(length).writeByte(0).writeByte(0).writeInt(1);
    byte[] payload = new byte[length];
    new Random(length).nextBytes(payload);
    return frame.writeBytes(payload);
  }

  private List<ByteBuf> passedOn() {
    List<ByteBuf> all = new ArrayList<>();
    for (ByteBuf one = channel.readInbound(); one != null; one = channel.readInbound()) {
      all.add(one);
    }
    return all;
  }

  /** However it is cut, the same bytes come out, and never a part of a frame. */
  @Test
  void read_inPiecesOfAnySize_areWholeFrames() {
    Random random = Seed.random("WholeFramesTest");
    ByteBuf sent = Unpooled.buffer().writeBytes(PREFACE);
    for (int i = 0; i < 300; i++) {
      sent.writeBytes(frame(random.nextInt(4) == 0 ? random.nextInt(16_385) : random.nextInt(50)));
    }
    ByteBuf left = sent.duplicate();
    ByteBuf out = Unpooled.buffer();
    while (left.isReadable()) {
      int piece =
          Math.min(left.readableBytes(), 1 + random.nextInt(random.nextBoolean() ? 8 : 40_000));
      channel.writeInbound(left.readBytes(piece));
      passedOn().forEach(part -> out.writeBytes(part));
      assertThat(memory.heldBytes()).isLessThanOrEqualTo(9 + (16 << 10));
    }
    assertThat(out).isEqualTo(sent);
    assertThat(memory.heldBytes()).isZero();
  }

  @Test
  void read_partOfAFrame_holdsNoBufferAndIsChargedForTheFrame() {
    ByteBuf read = Unpooled.directBuffer().writeBytes(PREFACE).writeBytes(frame(5000), 100);
    channel.writeInbound(read);
    passedOn().forEach(ByteBuf::release);
    assertThat(read.refCnt()).isZero();
    assertThat(memory.heldBytes()).isEqualTo(5009);
    assertThat(channel.finish()).isFalse();
    assertThat(memory.heldBytes()).isZero();
  }

  @Test
  void read_partOfAFrameThatThereIsNoMemoryFor_isClosed() {
    RequestMemory.Account account = memory.open(GUEST);
    assertThat(account.take(memory.heldBytes() + (1 << 19))).isTrue();
    channel.writeInbound(Unpooled.wrappedBuffer(PREFACE), Unpooled.buffer().writeByte(0));
    assertThat(channel.isOpen()).isFalse();
    assertThat(foreign).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP1, GET / HTTP/1.1",
    "HTTP1, POST /vm_tools.LogCollector/CollectUserLogs HTTP/1.1",
    "SYSLOG, '<13>Oct 11 22:14:15 mymachine su: hello'",
    "SYSLOG, '52 <13>1 2003-10-11T22:14:15.003Z mymachine'",
    "TLS, '\u0016\u0003\u0001\u0002\u0000'",
    "TEXT, hello there",
    "OTHER, '\u0000\u0001\u00ff'",
  })
  void read_somethingElse_isToldAndClosed(FirstBytes looksLike, String bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes.getBytes(ISO_8859_1)));
    assertThat(foreign).containsExactly(looksLike);
    assertThat(channel.isOpen()).isFalse();
    assertThat(passedOn()).isEmpty();
  }
}
