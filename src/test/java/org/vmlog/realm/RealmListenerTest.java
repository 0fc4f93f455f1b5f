package org.vmlog.realm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.vmlog.realm.BrokerFixture.component;

import java.io.FileInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.StreamSocket;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.proto.attribution.Event;
import org.vmlog.proto.attribution.EventError;
import org.vmlog.proto.attribution.EventResult;
import org.vmlog.proto.attribution.EventType;
import org.vmlog.proto.attribution.LogConnection;
import org.vmlog.proto.attribution.SourceIdentity;
import org.vmlog.testing.Await;

/** What a taker does with what a broker hands over, whatever that is. */
@Timeout(60)
final class RealmListenerTest {
  /** A connection that was served. */
  private record Served(Component component, Descriptor connected) {}

  private final LinkedBlockingQueue<Served> served = new LinkedBlockingQueue<>();
  private volatile boolean room = true;
  private final ConnectionServer server =
      new ConnectionServer() {
        @Override
        public boolean hasRoomFor(Component component) {
          return room;
        }

        @Override
        public void serve(Descriptor connected, Component component) {
          served.add(new Served(component, connected));
        }
      };

  private final CountDownLatch ended = new CountDownLatch(1);
  private RealmListener listener;
  private PacketSocket broker;

  @BeforeEach
  void start() throws IOException {
    listener = RealmListener.start(task -> new Thread(task, "listener"), server, 1024);
    broker = take(ListenerKind.LOG_CONNECTIONS, ended::countDown);
  }

  private PacketSocket take(ListenerKind kind, Runnable onEnd) throws IOException {
    PacketSocket.Pair pair = PacketSocket.pair();
    listener.read(kind, pair.theirs(), onEnd);
    return pair.ours();
  }

  @AfterEach
  void stop() {
    listener.close();
    broker.close();
  }

  @Test
  void connection_bySpeaking_isServedAsWhoItWasSaidToBe() throws Exception {
    Descriptor client = handOver(broker, message("shop/cart"));
    StreamSocketFixture.write(client, "hello");
    client.close();
    assertNextIs("shop/cart", "hello");
  }

  @Test
  void connection_bySilence_waitsUnservedAndHoldsUpNoOther() throws Exception {
    Descriptor silent = handOver(broker, message("silent"));
    Descriptor loud = handOver(broker, message("loud"));
    StreamSocketFixture.write(loud, "first");
    loud.close();
    assertNextIs("loud", "first");
    assertThat(served).isEmpty();
    StreamSocketFixture.write(silent, "at last");
    silent.close();
    assertNextIs("silent", "at last");
  }

  @Test
  void connection_ofAClientThatCrashed_isServedWithWhatItSaid() throws Exception {
    crash(message("gone"), "last words");
    assertNextIs("gone", "last words");
  }

  @Test
  void connection_beyondWhatItsComponentMayHave_waitsAndLosesNothing() throws Exception {
    room = false;
    for (int i = 0; i < 10; i++) {
      Descriptor client = handOver(broker, message("busy"));
      StreamSocketFixture.write(client, "connection " + i);
      client.close();
    }
    Await.until("all are there", () -> listener.counters().connections().value() == 10);
    assertThat(served).isEmpty();
    room = true;
    List<String> said = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      said.add(StreamSocketFixture.readToEnd(served.take().connected()));
    }
    assertThat(said).hasSize(10).doesNotHaveDuplicates().allMatch(s -> s.startsWith("connection"));
  }

  @Test
  void connection_ofAComponentWithMoreThanMayWait_isClosedAndHarmsNoOther() throws Exception {
    List<Descriptor> clients = new ArrayList<>();
    for (int i = 0; i < QuietSinks.MAX_PER_COMPONENT + 3; i++) {
      clients.add(handOver(broker, message("greedy")));
    }
    Descriptor other = handOver(broker, message("modest"));
    StreamSocketFixture.write(other, "hello");
    other.close();
    assertNextIs("modest", "hello");
    assertThat(listener.counters().excess().value()).isEqualTo(3);
    for (Descriptor client : clients.subList(QuietSinks.MAX_PER_COMPONENT, clients.size())) {
      assertThat(StreamSocketFixture.readToEnd(client)).isEmpty();
    }
    clients.forEach(Descriptor::closeQuietly);
  }

  @Test
  void messages_thatAreMalformed_harmOnlyThemselves() throws Exception {
    List<byte[]> malformed =
        List.of(
            "no protobuf at all".getBytes(UTF_8),
            new byte[] {18, 0}, // a field of later versions, and no identity
            identity(List.of("shop"), ""),
            identity(List.of(""), "cart"),
            identity(List.of("a/b"), "cart"),
            identity(List.of("l".repeat(33)), "cart"),
            identity(deep(51), "cart"),
            identity(List.of("shop"), "n".repeat(256)),
            identity(List.of("shop"), "new\nline"),
            LogConnection.newBuilder()
                .setSourceIdentity(
                    SourceIdentity.newBuilder()
                        .setComponentName("cart")
                        .setInstanceId("i".repeat(33)))
                .build()
                .toByteArray(),
            LogConnection.newBuilder()
                .setSourceIdentity(
                    SourceIdentity.newBuilder()
                        .setComponentName("cart")
                        .setComponentUrl("u".repeat(1025)))
                .build()
                .toByteArray());
    for (byte[] message : malformed) {
      assertThat(StreamSocketFixture.readToEnd(handOver(broker, message))).isEmpty();
      assertGoesOn();
    }
    assertThat(listener.counters().malformed().value()).isEqualTo(malformed.size());
  }

  @Test
  void events_thatAreMalformed_harmOnlyThemselves() throws Exception {
    Event good = Event.parseFrom(ListenerKind.EVENTS.encode(component("shop/cart"), Instant.EPOCH));
    List<Event> malformed =
        List.of(
            Event.newBuilder().setMoniker("shop/cart").build(),
            good.toBuilder().setEventType(EventType.EVENT_TYPE_UNKNOWN).build(),
            good.toBuilder().setName("org.vmlog.Other").build(),
            good.toBuilder().clearResult().build(),
            good.toBuilder()
                .setResult(
                    EventResult.newBuilder()
                        .setError(EventError.newBuilder().setDescription("no such thing")))
                .build(),
            good.toBuilder().setMoniker("").build(),
            good.toBuilder().setMoniker("/cart").build(),
            good.toBuilder().setMoniker("shop//cart").build(),
            good.toBuilder().setMoniker("shop/cart/").build());
    try (PacketSocket events = take(ListenerKind.EVENTS, () -> {})) {
      for (Event event : malformed) {
        assertThat(StreamSocketFixture.readToEnd(handOver(events, event.toByteArray()))).isEmpty();
      }
      Descriptor client = handOver(events, good.toByteArray());
      StreamSocketFixture.write(client, "an event");
      client.close();
      assertNextIs("shop/cart", "an event");
      assertThat(listener.counters().malformed().value()).isEqualTo(malformed.size());
    }
  }

  @Test
  void messages_withAnotherNumberOfDescriptors_harmOnlyThemselves() throws Exception {
    broker.send(message("none"));
    assertGoesOn();
    StreamSocket.Pair one = StreamSocket.pair();
    StreamSocket.Pair two = StreamSocket.pair();
    broker.send(message("two"), one.left(), two.left());
    one.left().close();
    two.left().close();
    assertThat(StreamSocketFixture.readToEnd(one.right())).isEmpty();
    assertThat(StreamSocketFixture.readToEnd(two.right())).isEmpty();
    assertGoesOn();
    assertThat(listener.counters().malformed().value()).isEqualTo(2);
  }

  @Test
  void message_thatIsTooLarge_harmsOnlyItself() throws Exception {
    byte[] large = new byte[PacketSocket.MAX_BYTES + 1];
    assertThat(StreamSocketFixture.readToEnd(handOver(broker, large))).isEmpty();
    assertGoesOn();
    assertThat(listener.counters().malformed().value()).isEqualTo(1);
  }

  @Test
  void descriptor_thatIsNoStream_harmsOnlyItself() throws Exception {
    try (FileInputStream file = new FileInputStream("/dev/null")) {
      broker.send(message("file"), StreamSocketFixture.of(file));
    }
    PacketSocket.Pair packets = PacketSocket.pair();
    broker.send(message("packets"), packets.theirs());
    packets.theirs().close();
    packets.ours().close();
    assertGoesOn();
    assertThat(listener.counters().malformed().value()).isEqualTo(2);
  }

  @Test
  void broker_thatEnds_isToldOnceAndConnectionsGoOn() throws Exception {
    Descriptor client = handOver(broker, message("survivor"));
    broker.close();
    Await.down(ended);
    StreamSocketFixture.write(client, "still here");
    client.close();
    assertNextIs("survivor", "still here");
  }

  @Test
  void close_hasServedWhatHasCome() throws Exception {
    Descriptor silent = handOver(broker, message("silent"));
    room = false;
    for (int i = 0; i < 5; i++) {
      crash(message("said"), "at the very end");
    }
    room = true;
    listener.close();
    for (int i = 0; i < 5; i++) {
      assertNextIs("said", "at the very end");
    }
    assertThat(served).isEmpty();
    assertThat(StreamSocketFixture.readToEnd(silent)).isEmpty();
    Await.down(ended);
  }

  /** A well-formed connection is served, so what came before it has done no harm. */
  private void assertGoesOn() throws Exception {
    Descriptor client = handOver(broker, message("good"));
    StreamSocketFixture.write(client, "still served");
    client.close();
    assertNextIs("good", "still served");
  }

  private void assertNextIs(String moniker, String said) throws Exception {
    Served next = served.take();
    assertThat(next.component()).isEqualTo(component(moniker));
    assertThat(StreamSocketFixture.readToEnd(next.connected())).isEqualTo(said);
  }

  /** The client's end of a connection whose other end is handed over. */
  private static Descriptor handOver(PacketSocket broker, byte[] message) throws Exception {
    StreamSocket.Pair pair = StreamSocket.pair();
    Await.until("there is room in the socket", () -> broker.send(message, pair.left()));
    pair.left().close();
    return pair.right();
  }

  /** Hands a connection over whose client has written something and is gone. */
  private void crash(byte[] message, String said) throws Exception {
    StreamSocket.Pair pair = StreamSocket.pair();
    StreamSocketFixture.write(pair.right(), said);
    pair.right().close();
    broker.send(message, pair.left());
    pair.left().close();
  }

  private static byte[] message(String moniker) {
    return ListenerKind.LOG_CONNECTIONS.encode(component(moniker), Instant.EPOCH);
  }

  private static byte[] identity(List<String> realm, String name) {
    return LogConnection.newBuilder()
        .setSourceIdentity(
            SourceIdentity.newBuilder().addAllRealmPath(realm).setComponentName(name))
        .build()
        .toByteArray();
  }

  private static List<String> deep(int depth) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      labels.add("l" + i);
    }
    return labels;
  }
}
