package org.vmlog.forwarder;

import java.io.IOException;
import java.util.List;
import org.vmlog.bus.BusConnection;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Threads;
import org.vmlog.realm.ConnectionServer;
import org.vmlog.realm.ListenerCounters;
import org.vmlog.realm.ListenerKind;
import org.vmlog.realm.RealmListener;
import org.vmlog.realm.dbus.ListenerTaker;
import org.vmlog.wire.LogServer;

/**
 * The daemon as the listener of the root realm, by both paths, each with a thread that waits for
 * the broker's answer: neither path is held up by the other, or by a broker that does not answer.
 * Confined to one thread.
 */
final class Components implements AutoCloseable {
  private final RealmListener listener;
  private final ListenerTaker connections;
  private final ListenerTaker events;

  private Components(RealmListener listener, ListenerTaker connections, ListenerTaker events) {
    this.listener = listener;
    this.connections = connections;
    this.events = events;
  }

  /**
   * Has nothing taken before its {@link #clients} are put on a bus.
   *
   * @param maxQuiet connections that may be silent, or wait to be served
   */
  static Components start(LogServer server, int maxQuiet) throws IOException {
    RealmListener listener =
        RealmListener.start(Threads.named("vmlog-realms"), ConnectionServer.over(server), maxQuiet);
    return new Components(
        listener,
        new ListenerTaker(
            ListenerKind.LOG_CONNECTIONS,
            RealmPath.HERE,
            listener,
            Threads.named("vmlog-connector")),
        new ListenerTaker(
            ListenerKind.EVENTS, RealmPath.HERE, listener, Threads.named("vmlog-events")));
  }

  List<BusConnection.Client> clients() {
    return List.of(connections, events);
  }

  ListenerCounters counters() {
    return listener.counters();
  }

  /** Takes nothing more, and has served what has come. */
  @Override
  public void close() {
    connections.close();
    events.close();
    listener.close();
  }
}
