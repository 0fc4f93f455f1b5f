package org.vmlog.realm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.realm.BrokerFixture.component;
import static org.vmlog.realm.BrokerFixture.uses;
import static org.vmlog.realm.ListenerKind.EVENTS;
import static org.vmlog.realm.ListenerKind.LOG_CONNECTIONS;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.Groups;
import org.vmlog.platform.StreamSocket;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.realm.BrokerFixture.Taken;
import org.vmlog.realm.RealmException.Reason;
import org.vmlog.testing.Await;

/** Sinks at a path, and realms with a sink of their own. */
@Timeout(60)
final class ProvidedSinkTest {
  @TempDir Path folder;

  private BrokerFixture broker;

  @BeforeEach
  void start() throws Exception {
    broker = new BrokerFixture(folder);
    broker.createRealm("a");
    broker.createRealm("a/b");
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
  }

  @Test
  void provideSink_connection_isAnEventWithItsBytes() throws Exception {
    Path sink = broker.provideSink("a/b/cart");
    try (Taken events = broker.take("a", EVENTS)) {
      Descriptor client = StreamSocket.connect(sink);
      Taken.Connection connection = events.next();
      assertThat(connection.component().id()).hasToString("b/cart");
      assertThat(connection.component().url()).isEqualTo("test:///a/b/cart");
      assertThat(connection.component().instanceId()).isEqualTo("1");
      StreamSocketFixture.write(client, "hello");
      client.close();
      assertThat(StreamSocketFixture.readToEnd(connection.server())).isEqualTo("hello");
    }
  }

  @Test
  void provideSink_connectionsBeforeTheTake_waitAndASinkHasItsShareOnly() throws Exception {
    Path sink = broker.provideSink("a/cart");
    List<Descriptor> clients = new ArrayList<>();
    for (int i = 0; i < WaitingRoom.MAX_PER_SINK + 2; i++) {
      clients.add(StreamSocket.connect(sink));
    }
    Await.until("all are accepted", () -> broker.broker.counters().refused().value() == 2);
    assertThat(broker.status("", EVENTS).waiting()).isEqualTo(WaitingRoom.MAX_PER_SINK);
    assertThat(broker.status("", LOG_CONNECTIONS).waiting()).isZero();
    try (Taken events = broker.take("", EVENTS)) {
      for (int i = 0; i < WaitingRoom.MAX_PER_SINK; i++) {
        assertThat(events.nextMoniker()).isEqualTo("a/cart");
      }
      clients.add(StreamSocket.connect(sink));
      assertThat(events.nextMoniker()).isEqualTo("a/cart");
    }
    clients.forEach(Descriptor::closeQuietly);
  }

  @Test
  void provideSink_atAPath_isThereUntilItIsRevoked() throws Exception {
    Path wanted = Files.createDirectory(folder.resolve("launcher")).resolve("cart.sink");
    Path sink =
        broker.call(
            () ->
                broker.broker.provideSink(
                    uses("a/cart"),
                    Optional.of(new ForeignPath(wanted, 0)),
                    Optional.empty(),
                    Optional.empty()));
    assertThat(sink).isEqualTo(wanted);
    assertThat(Files.getPosixFilePermissions(wanted)).hasSize(2); // rw- for the owner alone
    assertThatThrownBy(
            () ->
                broker.call(
                    () ->
                        broker.broker.provideSink(
                            uses("a/other"),
                            Optional.of(new ForeignPath(wanted, 0)),
                            Optional.empty(),
                            Optional.empty())))
        .isInstanceOfSatisfying(
            RealmException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TAKEN))
        .hasMessage("there is a sink at " + wanted + " already");

    broker.call(
        () -> {
          broker.broker.revokeSink(wanted);
          return null;
        });
    assertThat(wanted).doesNotExist();
    assertThatThrownBy(
            () ->
                broker.call(
                    () -> {
                      broker.broker.revokeSink(wanted);
                      return null;
                    }))
        .hasMessage("no sink is provided at " + wanted);
  }

  @Test
  void provideSink_ofAUser_isNobodyElses() throws Exception {
    long own = Integer.toUnsignedLong(Groups.ownUid());
    Path others = provideSinkOf("a/other", own + 1);
    Path ours = provideSinkOf("a/cart", own);
    try (Taken root = broker.take("", EVENTS)) {
      try (Descriptor refused = StreamSocket.connect(others)) {
        assertThat(StreamSocketFixture.readToEnd(refused)).isEmpty();
      }
      StreamSocket.connect(ours).close();
      assertThat(root.nextMoniker()).isEqualTo("a/cart");
      assertThat(root.isEmpty()).isTrue();
    }
  }

  private Path provideSinkOf(String moniker, long uid) throws Exception {
    return broker.call(
        () ->
            broker.broker.provideSink(
                uses(moniker), Optional.empty(), Optional.empty(), Optional.of(uid)));
  }

  /** A plain server, as a forwarder is that takes no events. */
  @Test
  void provideSink_nobodyTakesEvents_isOpenedPlainlyUntilSomebodyDoes() throws Exception {
    Path plain = folder.resolve("plain.sock");
    BrokerLimits limits = new BrokerLimits(10, 10, 10, 64 << 10, Optional.of(plain), Duration.ZERO);
    try (BrokerFixture other =
            new BrokerFixture(Files.createDirectory(folder.resolve("other")), limits);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      Path sink = other.provideSink("cart");
      try (Descriptor component = StreamSocket.connect(sink)) {
        StreamSocketFixture.write(component, "waited for the forwarder");
        server.bind(UnixDomainSocketAddress.of(plain));
        try (SocketChannel opened = server.accept()) {
          ByteBuffer said = ByteBuffer.allocate(24);
          while (said.hasRemaining()) {
            assertThat(opened.read(said)).isPositive();
          }
          assertThat(new String(said.array(), UTF_8)).isEqualTo("waited for the forwarder");
          assertThat(opened.write(ByteBuffer.wrap("answer".getBytes(UTF_8)))).isEqualTo(6);
        }
        assertThat(StreamSocketFixture.readToEnd(component)).isEqualTo("answer");
      }
      try (Taken events = other.take("", EVENTS)) {
        StreamSocket.connect(sink).close();
        assertThat(events.nextMoniker()).isEqualTo("cart");
      }
    }
  }

  @Test
  void provideSink_tooMany_isRefused() throws Exception {
    for (int i = 0; i < BrokerFixture.LIMITS.sinks(); i++) {
      Path unused = broker.provideSink("a/cart");
    }
    assertThatThrownBy(() -> broker.provideSink("a/cart"))
        .isInstanceOfSatisfying(
            RealmException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT))
        .hasMessage("there are 10 sinks with a path; no more are allowed");
  }

  @Test
  void destroyRealm_sinksInIt_areRevoked() throws Exception {
    Path outside = broker.provideSink("a/cart");
    Path inside = broker.provideSink("a/b/cart");
    broker.destroyRealm("a/b");
    assertThat(inside).doesNotExist();
    assertThat(outside).exists();
  }

  @Test
  void ownSink_ofAParent_isInheritedAndNoListenerHearsOfIt() throws Exception {
    try (OwnSink tests = new OwnSink(folder.resolve("tests.sock"));
        Taken connections = broker.take("");
        Taken events = broker.take("", EVENTS)) {
      broker.createRealm("tests", Optional.of(tests.path()));
      broker.createRealm("tests/one");
      Descriptor client = broker.openSink("tests/one/cart");
      StreamSocketFixture.write(client, "for the test alone");
      client.close();
      assertThat(tests.next()).isEqualTo("for the test alone");
      assertThat(broker.provideSink("tests/one/cart")).isEqualTo(tests.path());
      assertThat(connections.isEmpty()).isTrue();
      assertThat(events.isEmpty()).isTrue();
      assertThat(broker.broker.counters().ownSinks().value()).isEqualTo(1);
    }
  }

  @Test
  void ownSink_ofAChild_winsOverItsParents() throws Exception {
    try (OwnSink parent = new OwnSink(folder.resolve("parent.sock"));
        OwnSink child = new OwnSink(folder.resolve("child.sock"))) {
      broker.createRealm("tests", Optional.of(parent.path()));
      broker.createRealm("tests/one", Optional.of(child.path()));
      Descriptor client = broker.openSink("tests/one/cart");
      StreamSocketFixture.write(client, "clash");
      client.close();
      assertThat(child.next()).isEqualTo("clash");
      client = broker.openSink("tests/cart");
      StreamSocketFixture.write(client, "no clash");
      client.close();
      assertThat(parent.next()).isEqualTo("no clash");
    }
  }

  @Test
  void builtInSink_ofAParent_isNotInherited() throws Exception {
    Path parents = broker.provideSink("a/parent");
    Path childs = broker.provideSink("a/b/child");
    assertThat(childs).isNotEqualTo(parents);
    try (Taken root = broker.take("")) {
      broker.openSink("a/b/child").closeQuietly();
      assertThat(root.next().component()).isEqualTo(component("a/b/child"));
    }
  }

  @Test
  void openSink_ownSinkThatNobodyServes_isRefusedAndNotPassedOn() throws Exception {
    Path nobody = folder.resolve("nobody.sock");
    broker.createRealm("tests", Optional.of(nobody));
    try (Taken root = broker.take("")) {
      assertThatThrownBy(() -> broker.openSink("tests/cart"))
          .isInstanceOfSatisfying(
              RealmException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
          .hasMessageStartingWith("cannot connect to " + nobody);
      assertThat(root.isEmpty()).isTrue();
    }
  }

  /** A test environment's own LogSink, which is anything that listens. */
  private static final class OwnSink implements AutoCloseable {
    private final ServerSocketChannel channel;
    private final Path path;

    OwnSink(Path path) throws IOException {
      this.path = path;
      channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      channel.bind(UnixDomainSocketAddress.of(path));
    }

    Path path() {
      return path;
    }

    /** What the next connection says until it ends. */
    String next() throws IOException {
      try (var accepted = channel.accept()) {
        return new String(Channels.newInputStream(accepted).readAllBytes(), UTF_8);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
