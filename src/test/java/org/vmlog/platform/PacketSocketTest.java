package org.vmlog.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.platform.PacketSocket.Received;

final class PacketSocketTest {
  private final ByteBuffer buffer = PacketSocket.newBuffer();

  @Test
  void receive_severalMessages_keepsTheirBoundariesAndTheirDescriptors() throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    StreamSocket.Pair stream = StreamSocket.pair();
    try (PacketSocket ours = pair.ours();
        PacketSocket theirs = PacketSocket.over(pair.theirs())) {
      assertThat(ours.send(bytes("one"), stream.left())).isTrue();
      assertThat(ours.send(bytes("two"))).isTrue();
      stream.left().close();

      Received.Packet one = packet(theirs.receive(buffer));
      assertThat(one.bytes()).isEqualTo(bytes("one"));
      assertThat(one.descriptors()).hasSize(1);
      Received.Packet two = packet(theirs.receive(buffer));
      assertThat(two.bytes()).isEqualTo(bytes("two"));
      assertThat(two.descriptors()).isEmpty();
      assertThat(theirs.receive(buffer)).isInstanceOf(Received.Nothing.class);
      one.descriptors().get(0).close();
    }
    stream.right().close();
  }

  @Test
  void receive_descriptor_isTheOtherEndOfTheStream() throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    StreamSocket.Pair stream = StreamSocket.pair();
    try (PacketSocket ours = pair.ours();
        PacketSocket theirs = PacketSocket.over(pair.theirs())) {
      ours.send(bytes("sink"), stream.left());
      stream.left().close();
      Descriptor received = packet(theirs.receive(buffer)).descriptors().get(0);
      theirs.close(); // what came through it outlives it

      StreamSocketFixture.write(received, "hello");
      received.close();
      assertThat(StreamSocketFixture.readToEnd(stream.right())).isEqualTo("hello");
    }
  }

  /** unix(7): SCM_MAX_FD, 253, is the most that one message can have. */
  @ParameterizedTest
  @ValueSource(ints = {2, 60, 61, 253})
  void receive_manyDescriptors_givesAllAndLeaksNone(int count) throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    StreamSocket.Pair stream = StreamSocket.pair();
    Descriptor[] many = Collections.nCopies(count, stream.left()).toArray(Descriptor[]::new);
    try (PacketSocket ours = pair.ours();
        PacketSocket theirs = PacketSocket.over(pair.theirs())) {
      long before = openDescriptors();
      ours.send(bytes("many"), many);
      ours.send(bytes("next"), stream.right());
      Received.Packet received = packet(theirs.receive(buffer));
      assertThat(received.descriptors()).hasSize(count);
      assertThat(received.bytes()).isEqualTo(bytes("many"));
      received.close();
      Received.Packet next = packet(theirs.receive(buffer));
      assertThat(next.descriptors()).hasSize(1);
      next.close();
      assertThat(openDescriptors()).isEqualTo(before);
    }
    stream.left().close();
    stream.right().close();
  }

  @Test
  void receive_messageOverTheMost_saysThatItIsTruncated() throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    try (PacketSocket ours = pair.ours();
        PacketSocket theirs = PacketSocket.over(pair.theirs())) {
      ours.send(new byte[PacketSocket.MAX_BYTES]);
      ours.send(new byte[PacketSocket.MAX_BYTES + 1]);
      assertThat(packet(theirs.receive(buffer)).truncated()).isFalse();
      assertThat(packet(theirs.receive(buffer)).truncated()).isTrue();
    }
  }

  @Test
  void receive_otherSideClosed_givesWhatWasSentAndThenTheEnd() throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    try (PacketSocket theirs = PacketSocket.over(pair.theirs())) {
      pair.ours().send(bytes("last words"));
      pair.ours().close();
      assertThat(packet(theirs.receive(buffer)).bytes()).isEqualTo(bytes("last words"));
      assertThat(theirs.receive(buffer)).isInstanceOf(Received.End.class);
      assertThat(theirs.receive(buffer)).isInstanceOf(Received.End.class);
    }
  }

  @Test
  void send_unreadQueue_isFullAtSomeTimeAndLosesNothing() throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    try (PacketSocket ours = pair.ours();
        PacketSocket theirs = PacketSocket.over(pair.theirs())) {
      int sent = 0;
      while (ours.send(bytes("message " + sent))) {
        sent++;
      }
      assertThat(sent).isPositive();
      for (int i = 0; i < sent; i++) {
        assertThat(packet(theirs.receive(buffer)).bytes()).isEqualTo(bytes("message " + i));
      }
      assertThat(theirs.receive(buffer)).isInstanceOf(Received.Nothing.class);
    }
  }

  @Test
  void send_otherSideClosed_throws() throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    try (PacketSocket ours = pair.ours()) {
      pair.theirs().close();
      assertThatThrownBy(() -> ours.send(bytes("anybody?"))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void register_otherSideClosed_isSelected() throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    try (PacketSocket ours = pair.ours();
        Selector selector = DatagramListener.openSelector()) {
      SelectionKey key = ours.register(selector, SelectionKey.OP_READ, "attachment");
      pair.theirs().close();
      selector.select();
      assertThat(selector.selectedKeys()).containsExactly(key);
      assertThat(ours.receive(buffer)).isInstanceOf(Received.End.class);
    }
  }

  @Test
  void receive_onAFile_throws() throws IOException {
    try (FileInputStream file = new FileInputStream("/dev/null");
        PacketSocket socket = PacketSocket.over(Descriptor.of(file.getFD()).duplicate())) {
      assertThatThrownBy(() -> socket.receive(buffer)).isInstanceOf(IOException.class);
    }
  }

  private static Received.Packet packet(Received received) {
    assertThat(received).isInstanceOf(Received.Packet.class);
    return (Received.Packet) received;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static long openDescriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
