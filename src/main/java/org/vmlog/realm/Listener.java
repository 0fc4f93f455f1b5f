package org.vmlog.realm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.RealmPath;
import org.vmlog.identity.SourceIdentity.Component;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.PacketSocket.Received;
import org.vmlog.platform.SelectorLoop;

/**
 * The listener of one realm and kind: who takes it is handed the realm's connections. What the
 * taker does not read at once waits here and not in the socket, so that it is not lost with the
 * taker; when that goes away, the listener can be taken again. Confined to the broker's thread.
 */
final class Listener implements SelectorLoop.Watched {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  private final ListenerKind kind;
  private final RealmPath realm;
  private final BrokerContext context;
  private final Predicate<ComponentId> wants;
  private final Consumer<Listener> onFree;
  private final ArrayDeque<PendingConnection> waiting = new ArrayDeque<>();
  private @Nullable PacketSocket taker;
  private @Nullable SelectionKey key;

  /** What all listeners of a broker share. */
  record BrokerContext(WaitingRoom room, ByteBuffer buffer, BrokerCounters counters) {}

  /**
   * Makes a listener that nobody has taken.
   *
   * @param wants which components' connections it gets, named from its realm
   * @param onFree told when the taker has gone; may {@link #drain} what is left
   */
  Listener(
      ListenerKind kind,
      RealmPath realm,
      BrokerContext context,
      Predicate<ComponentId> wants,
      Consumer<Listener> onFree) {
    this.kind = kind;
    this.realm = realm;
    this.context = context;
    this.wants = wants;
    this.onFree = onFree;
  }

  ListenerKind kind() {
    return kind;
  }

  boolean wants(Component component) {
    return wants.test(component.from(realm).id());
  }

  boolean isTaken() {
    return taker != null;
  }

  int waiting() {
    return waiting.size();
  }

  /**
   * Takes it.
   *
   * @return the taker's end, which some of what waited may have been written to; empty if somebody
   *     else has it
   */
  Optional<Descriptor> take(Selector selector) throws IOException {
    if (isTaken()) {
      return Optional.empty();
    }
    PacketSocket.Pair pair = PacketSocket.pair();
    taker = pair.ours();
    key = pair.ours().register(selector, SelectionKey.OP_READ, this);
    flush();
    return Optional.of(pair.theirs());
  }

  /**
   * Hands a connection over, now or when it can be.
   *
   * @return false, with the connection still the caller's, if it would have to wait and there is no
   *     room, or if the taker turns out to have gone
   */
  boolean offer(PendingConnection connection) {
    boolean taken = isTaken();
    if (waiting.isEmpty() && send(connection)) {
      return true;
    }
    if (taken != isTaken() || !context.room().enter(connection.sink())) {
      return false;
    }
    waiting.add(connection);
    watch();
    return true;
  }

  @Override
  public void ready(SelectionKey ready) {
    if (!ready.equals(key)) {
      return; // of a taker before this one
    }
    if (!ready.isValid()) {
      hungUp();
    } else if (ready.isReadable()) {
      listen();
    }
    flush();
  }

  private void hungUp() {
    if (isTaken()) {
      free("its taker has gone");
    }
  }

  /** A taker has nothing to say; it ends. */
  private void listen() {
    PacketSocket listening = taker;
    if (listening == null) {
      return;
    }
    try {
      Received received = listening.receive(context.buffer());
      if (received instanceof Received.Packet packet) {
        packet.close();
      } else if (received instanceof Received.End) {
        hungUp();
      }
    } catch (IOException e) {
      free(e.toString());
    }
  }

  private void flush() {
    while (!waiting.isEmpty() && send(waiting.getFirst())) {
      context.room().leave(waiting.removeFirst().sink());
    }
    watch();
  }

  private boolean send(PendingConnection connection) {
    PacketSocket sending = taker;
    if (sending == null) {
      return false;
    }
    byte[] message = kind.encode(connection.component().from(realm), connection.connectedAt());
    try {
      if (!sending.send(message, connection.server())) {
        return false;
      }
    } catch (IOException e) {
      free(e.toString());
      return false;
    }
    connection.server().closeQuietly();
    context.counters().handedOver().increment();
    return true;
  }

  private void watch() {
    if (key != null && key.isValid()) {
      key.interestOps(SelectionKey.OP_READ | (waiting.isEmpty() ? 0 : SelectionKey.OP_WRITE));
    }
  }

  private void free(String why) {
    LOG.info("the {} of realm /{} can be taken again: {}", kind.word(), realm, why);
    close();
    onFree.accept(this);
  }

  /** What waits, in order; from now on it is the caller's, and nothing waits here. */
  List<PendingConnection> drain() {
    List<PendingConnection> left = new ArrayList<>(waiting);
    waiting.clear();
    left.forEach(connection -> context.room().leave(connection.sink()));
    return left;
  }

  /** Ends the taker's socket; what waits stays. */
  void close() {
    PacketSocket closing = taker;
    taker = null;
    if (key != null) {
      key.cancel();
      key = null;
    }
    if (closing != null) {
      closing.close();
    }
  }
}
