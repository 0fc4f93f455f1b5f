package org.vmlog.realm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.LimitedLog;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.PacketSocket.Received;
import org.vmlog.platform.SelectorLoop;

/**
 * A listener of the broker's that this process has taken: one message and one descriptor for each
 * connection. Whatever else comes is closed and counted, and harms nothing but itself.
 *
 * <p>Confined to the listener's thread.
 */
final class TakenListener implements SelectorLoop.Watched {
  private static final Logger LOG = LoggerFactory.getLogger(TakenListener.class);
  private static final LimitedLog MALFORMED = LimitedLog.on(LOG);

  /** What one listener may hand over before the other has its turn. */
  private static final int TURN = 64;

  private final ListenerKind kind;
  private final PacketSocket socket;
  private final QuietSinks sinks;
  private final ByteBuffer buffer;
  private final ListenerCounters counters;
  private final Consumer<TakenListener> onEnd;
  private boolean ended;

  /**
   * Makes a reader.
   *
   * @param onEnd told once that the broker, or this, has ended it
   */
  TakenListener(
      ListenerKind kind,
      PacketSocket socket,
      QuietSinks sinks,
      ByteBuffer buffer,
      ListenerCounters counters,
      Consumer<TakenListener> onEnd) {
    this.kind = kind;
    this.socket = socket;
    this.sinks = sinks;
    this.buffer = buffer;
    this.counters = counters;
    this.onEnd = onEnd;
  }

  @Override
  public void ready(SelectionKey key) {
    if (!key.isValid()) {
      drainAndClose(); // the broker has gone, and nobody will say again that there is more
      return;
    }
    int left = TURN;
    while (left > 0 && readOne()) {
      left--;
    }
  }

  /** Reads what waits, and ends it. */
  void drainAndClose() {
    boolean more = true;
    while (more) {
      more = readOne();
    }
    end();
  }

  /** False if nothing waits any more. */
  private boolean readOne() {
    if (ended) {
      return false;
    }
    try {
      Received received = socket.receive(buffer);
      if (received instanceof Received.Packet packet) {
        take(packet);
        return true;
      }
      if (received instanceof Received.End) {
        end();
      }
    } catch (IOException e) {
      LOG.warn("what the broker hands over cannot be read any more: {}", e.toString());
      end();
    }
    return false;
  }

  private void take(Received.Packet packet) {
    try {
      sinks.add(kind.decode(whole(packet)), packet.descriptors().get(0));
    } catch (MalformedMessageException e) {
      packet.close();
      counters.malformed().increment();
      MALFORMED.warn(
          "a connection from the broker is left out: {}", String.valueOf(e.getMessage()));
    }
  }

  private static byte[] whole(Received.Packet packet) throws MalformedMessageException {
    if (packet.truncated()) {
      throw new MalformedMessageException(
          "its message has over %s bytes, which are allowed".formatted(PacketSocket.MAX_BYTES));
    }
    int descriptors = packet.descriptors().size();
    if (descriptors != 1) {
      throw new MalformedMessageException(
          "it comes with %s descriptors; allowed is one".formatted(descriptors));
    }
    return packet.bytes();
  }

  private void end() {
    if (!ended) {
      ended = true;
      socket.close();
      onEnd.accept(this);
    }
  }
}
