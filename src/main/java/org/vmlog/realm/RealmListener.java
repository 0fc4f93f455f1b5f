package org.vmlog.realm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.SelectorLoop;

/**
 * What takes listeners from a broker: reads the connections that it is handed, by either path, and
 * has each served as who it is from. Thread-safe.
 */
public final class RealmListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RealmListener.class);

  private final ListenerCounters counters = new ListenerCounters();
  private final ByteBuffer buffer = PacketSocket.newBuffer();
  private final Set<TakenListener> taken = new LinkedHashSet<>(); // confined to the loop
  private final SelectorLoop loop;
  private final QuietSinks sinks;

  private RealmListener(ThreadFactory threads, ConnectionServer server, int maxQuiet)
      throws IOException {
    this.loop = SelectorLoop.start(threads, this::drainAndClose);
    this.sinks = new QuietSinks(loop, server, counters, maxQuiet);
  }

  /**
   * Starts its thread; nothing is taken yet.
   *
   * @param maxQuiet connections that may be silent, or wait to be served
   */
  public static RealmListener start(ThreadFactory threads, ConnectionServer server, int maxQuiet)
      throws IOException {
    return new RealmListener(threads, server, maxQuiet);
  }

  /**
   * Reads a listener that was taken.
   *
   * @param end what the broker gave; this object's from now on
   * @param onEnd told once, on this object's thread, that it has ended
   */
  public void read(ListenerKind kind, Descriptor end, Runnable onEnd) {
    loop.execute(() -> register(kind, end, onEnd));
  }

  private void register(ListenerKind kind, Descriptor end, Runnable onEnd) {
    try {
      PacketSocket socket = PacketSocket.over(end);
      TakenListener listener =
          new TakenListener(
              kind,
              socket,
              sinks,
              buffer,
              counters,
              ended -> {
                taken.remove(ended);
                onEnd.run();
              });
      taken.add(listener);
      socket.register(loop.selector(), SelectionKey.OP_READ, listener);
    } catch (IOException e) {
      LOG.warn("what the broker gave cannot be read: {}", e.getMessage());
      onEnd.run();
    }
  }

  public ListenerCounters counters() {
    return counters;
  }

  private void drainAndClose() {
    List.copyOf(taken).forEach(TakenListener::drainAndClose);
    sinks.close();
  }

  /** Has everything served that has come, and ends. */
  @Override
  public void close() {
    loop.close();
  }
}
