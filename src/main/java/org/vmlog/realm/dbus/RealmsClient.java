package org.vmlog.realm.dbus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.vmlog.bus.BusClient;
import org.vmlog.bus.BusException;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Descriptor;
import org.vmlog.realm.ListenerKind;
import org.vmlog.realm.SinkRequest;

/** A program's connection to the broker, as long as it runs. Confined to one thread. */
public final class RealmsClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final BusClient bus;
  private final BrokerCalls broker;

  private RealmsClient(BusClient bus) {
    this.bus = bus;
    this.broker = new BrokerCalls(bus.bus(), "", PATIENCE);
  }

  /**
   * Connects to the bus; a broker need not be there yet.
   *
   * @param address {@code system} or a D-Bus server address
   * @throws BusException if there is no bus, or it does not let this user in
   */
  public static RealmsClient connect(String address) throws BusException {
    return new RealmsClient(BusClient.connect(address));
  }

  /** A connection for a component. */
  public Descriptor openSink(SinkRequest request) throws BusException {
    return broker.openSink(request);
  }

  /** A path for a component to connect to, until this is closed. */
  public Path provideSink(SinkRequest request) throws BusException {
    return broker.provideSink(request, Optional.empty(), Optional.empty());
  }

  /** Makes a realm that is there until this is closed. */
  public void createRealm(RealmPath realm) throws BusException {
    broker.createRealm(realm);
  }

  /** Takes a realm's listener; empty if somebody else has it. */
  public Optional<Descriptor> take(ListenerKind kind, RealmPath realm) throws BusException {
    return broker.take(kind, realm);
  }

  @Override
  public void close() {
    bus.close();
  }
}
