package org.vmlog.forwarder;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
  private final List<ListenerTaker> takers;

  private Components(RealmListener listener, List<ListenerTaker> takers) {
    this.listener = listener;
    this.takers = takers;
  }

  /**
   * Has nothing taken before its {@link #clients} are put on a bus.
   *
   * @param connector whether connections that launchers ask for are taken, and not events alone
   * @param maxQuiet connections that may be silent, or wait to be served
   */
  static Components start(LogServer server, boolean connector, int maxQuiet) throws IOException {
    RealmListener listener =
        RealmListener.start(Threads.named("vmlog-realms"), ConnectionServer.over(server), maxQuiet);
    List<ListenerTaker> takers = new ArrayList<>();
    takers.add(
        new ListenerTaker(
            ListenerKind.EVENTS, RealmPath.HERE, listener, Threads.named("vmlog-events")));
    if (connector) {
      takers.add(
          new ListenerTaker(
              ListenerKind.LOG_CONNECTIONS,
              RealmPath.HERE,
              listener,
              Threads.named("vmlog-connector")));
    }
    return new Components(listener, takers);
  }

  List<ListenerTaker> clients() {
    return takers;
  }

  ListenerCounters counters() {
    return listener.counters();
  }

  /** Takes nothing more, and has served what has come. */
  @Override
  public void close() {
    takers.forEach(ListenerTaker::close);
    listener.close();
  }
}
