package org.vmlog.realm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.PacketSocket.Received;
import org.vmlog.platform.SelectorLoop;
import org.vmlog.platform.SocketAccess;
import org.vmlog.testing.Await;

/** A broker on a thread of its own, called from a test's. */
final class BrokerFixture implements AutoCloseable {
  static final BrokerLimits LIMITS = new BrokerLimits(100, 10, 60, 64 << 10);

  final SelectorLoop loop;
  final RealmBroker broker;

  BrokerFixture(Path folder) throws IOException {
    this(folder, LIMITS);
  }

  BrokerFixture(Path folder, BrokerLimits limits) throws IOException {
    loop = SelectorLoop.start(task -> new Thread(task, "broker"), () -> {});
    SinkFolder sinks =
        new SinkFolder(folder.resolve("sinks"), new SocketAccess(0600, Optional.empty()));
    broker = new RealmBroker(limits, sinks, loop, InstantSource.system());
  }

  /** Runs a call of the broker's on its thread. */
  <T> T call(Callable<T> call) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            done.complete(call.call());
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    try {
      return done.get();
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  void createRealm(String path) throws Exception {
    createRealm(path, Optional.empty());
  }

  void createRealm(String path, Optional<Path> ownSink) throws Exception {
    call(
        () -> {
          broker.createRealm(
              RealmPath.parse(path),
              ownSink.map(sink -> new ForeignPath(sink, 0)),
              Optional.empty());
          return null;
        });
  }

  void destroyRealm(String path) throws Exception {
    call(
        () -> {
          broker.destroyRealm(RealmPath.parse(path));
          return null;
        });
  }

  static Component component(String moniker) {
    return new Component(ComponentId.parse(moniker), "test:///" + moniker, "1");
  }

  static SinkRequest uses(String moniker) {
    return new SinkRequest(component(moniker), true, false);
  }

  /** The client's end of a component's sink. */
  Descriptor openSink(String moniker) throws Exception {
    return call(() -> broker.openSink(uses(moniker)));
  }

  Path provideSink(String moniker) throws Exception {
    return call(
        () ->
            broker.provideSink(
                uses(moniker), Optional.empty(), Optional.empty(), Optional.empty()));
  }

  Taken take(String realm, ListenerKind kind) throws Exception {
    return new Taken(kind, call(() -> broker.take(RealmPath.parse(realm), kind)).orElseThrow());
  }

  Taken take(String realm) throws Exception {
    return take(realm, ListenerKind.LOG_CONNECTIONS);
  }

  /** A listener that the test has taken. */
  static final class Taken implements AutoCloseable {
    /** Whose connection it is, and the server's end. */
    record Connection(Component component, Descriptor server) {}

    private final ListenerKind kind;
    private final PacketSocket socket;
    private final ByteBuffer buffer = PacketSocket.newBuffer();

    Taken(ListenerKind kind, Descriptor end) throws IOException {
      this.kind = kind;
      this.socket = PacketSocket.over(end);
    }

    /** Waits for the next connection. */
    Connection next() throws Exception {
      Received[] received = new Received[1];
      Await.until(
          "something is handed over",
          () -> !((received[0] = socket.receive(buffer)) instanceof Received.Nothing));
      Received.Packet packet = (Received.Packet) received[0];
      assertThat(packet.descriptors()).hasSize(1);
      return new Connection(kind.decode(packet.bytes()), packet.descriptors().get(0));
    }

    /** Whose the next connection is. */
    String nextMoniker() throws Exception {
      Connection next = next();
      next.server().closeQuietly();
      return next.component().id().toString();
    }

    boolean isEmpty() throws IOException {
      return socket.receive(buffer) instanceof Received.Nothing;
    }

    boolean isAtItsEnd() throws IOException {
      return socket.receive(buffer) instanceof Received.End;
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /** Returns once the listener of a realm can be taken. */
  void awaitFree(String realm, ListenerKind kind) throws Exception {
    Await.until("the listener of " + realm + " is free", () -> !status(realm, kind).taken());
  }

  RealmStatus.ListenerStatus status(String realm, ListenerKind kind) throws Exception {
    return call(broker::status).stream()
        .filter(status -> status.path().toString().equals(realm))
        .findFirst()
        .orElseThrow()
        .listeners()
        .get(kind);
  }

  @Override
  public void close() throws Exception {
    call(
        () -> {
          broker.close();
          return null;
        });
    loop.close();
  }
}
