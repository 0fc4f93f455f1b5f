package org.vmlog.realm.run;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.vmlog.bus.BusErrors;
import org.vmlog.bus.BusException;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.Threads;
import org.vmlog.realm.ConnectionServer;
import org.vmlog.realm.ListenerKind;
import org.vmlog.realm.RealmListener;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.wire.LogServer;

/**
 * A realm that is made, listened to, and gone again with this: what its components log is shown,
 * and nobody above hears of it. Started and closed by one thread.
 */
public final class Interception implements AutoCloseable {
  private static final int MAX_REQUEST_BYTES = 4 << 20;
  private static final int MAX_QUIET = 1024;
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final RealmsClient broker;
  private final ShownLogs shown;
  private final LogServer server;
  private final RealmListener listener;

  private Interception(
      RealmsClient broker, ShownLogs shown, LogServer server, RealmListener listener) {
    this.broker = broker;
    this.shown = shown;
    this.server = server;
    this.listener = listener;
  }

  /**
   * Makes the realm; returns when its components' logs come here.
   *
   * @param busAddress {@code system} or a D-Bus server address
   * @param out gets a line for each record
   * @throws BusException if there is no bus or no broker, or the realm cannot be had
   */
  public static Interception start(String busAddress, RealmPath realm, OutputStream out)
      throws BusException, IOException {
    RealmsClient broker = RealmsClient.connect(busAddress);
    ShownLogs shown = new ShownLogs(out);
    LogServer server =
        LogServer.start(
            new LogServer.Settings(MAX_REQUEST_BYTES, 1), shown, Threads.named("vmlog-io"));
    RealmListener listener =
        RealmListener.start(
            Threads.named("vmlog-realms"), ConnectionServer.over(server), MAX_QUIET);
    Interception interception = new Interception(broker, shown, server, listener);
    try {
      broker.createRealm(realm);
      for (ListenerKind kind : ListenerKind.values()) {
        Descriptor taken =
            broker
                .take(kind, realm)
                .orElseThrow(
                    () -> new BusException(BusErrors.CLAIMED, "realm " + realm + " is taken"));
        listener.read(kind, taken, () -> {});
      }
      return interception;
    } catch (BusException | RuntimeException e) {
      interception.close();
      throw e;
    }
  }

  /** Shows what has come, and gives the realm up. */
  @Override
  public void close() {
    broker.close();
    listener.close();
    server.shutdown(GRACE);
    shown.close();
  }
}
