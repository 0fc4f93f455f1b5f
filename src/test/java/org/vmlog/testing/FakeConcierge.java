package org.vmlog.testing;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.connections.transports.AbstractTransport;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.Peer;
import org.jspecify.annotations.Nullable;
import org.vmlog.proto.concierge.VmStartingUpSignal;
import org.vmlog.proto.concierge.VmStoppedSignal;
import org.vmlog.proto.concierge.VmType;

/**
 * Sends the signals of ChromeOS's concierge, with or without the right to.
 *
 * <p>A method that sends returns when the bus has passed the signal on. Confined to one thread.
 */
public final class FakeConcierge implements AutoCloseable {
  public static final String NAME = "org.chromium.VmConcierge";
  public static final String PATH = "/org/chromium/VmConcierge";

  private final DBusConnection bus;
  private final @Nullable AbstractTransport transport;

  private FakeConcierge(String address) throws DBusException {
    AtomicReference<@Nullable AbstractTransport> connecting = new AtomicReference<>();
    bus =
        DBusConnectionBuilder.forAddress(address)
            .withShared(false)
            .transportConfig()
            .withPreConnectCallback(connecting::set)
            .back()
            .build();
    transport = connecting.get();
  }

  /** A concierge that owns its name on this bus, as soon as a dead predecessor has lost it. */
  public static FakeConcierge start(String address) throws DBusException {
    FakeConcierge concierge = new FakeConcierge(address);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        concierge.bus.requestBusName(NAME);
        return concierge;
      } catch (DBusException e) {
        if (System.nanoTime() > deadline) {
          concierge.close();
          throw e;
        }
      }
    }
  }

  /** Somebody who sends concierge's signals without owning its name. */
  public static FakeConcierge forger(String address) throws DBusException {
    return new FakeConcierge(address);
  }

  /** Announces that a VM starts, as a termina VM. */
  public void vmStartingUp(String owner, String name, long cid) throws DBusException {
    VmStartingUpSignal signal =
        VmStartingUpSignal.newBuilder()
            .setOwnerId(owner)
            .setName(name)
            .setVmType(VmType.TERMINA)
            .setCid(cid)
            .build();
    emit(PATH, "VmStartingUpSignal", "ay", signal.toByteArray());
  }

  /** Announces that a VM stopped. */
  public void vmStopped(String owner, String name, long cid) throws DBusException {
    VmStoppedSignal signal =
        VmStoppedSignal.newBuilder().setOwnerId(owner).setName(name).setCid(cid).build();
    emit(PATH, "VmStoppedSignal", "ay", signal.toByteArray());
  }

  /** Sends any signal of concierge's interface. */
  public void emit(String path, String member, String signature, Object... arguments)
      throws DBusException {
    bus.sendMessage(
        bus.getMessageFactory().createSignal(null, path, NAME, member, signature, arguments));
    bus.getRemoteObject("org.freedesktop.DBus", "/org/freedesktop/DBus", Peer.class).Ping();
  }

  /** The name the bus stamps on what this sends. */
  public String uniqueName() {
    return bus.getUniqueName();
  }

  /** Gives the name away and stays on the bus, so that its next signals are forged ones. */
  public void releaseName() throws DBusException {
    bus.releaseBusName(NAME);
  }

  /** Goes away as a process that dies: the bus sees its connection close, and nothing before. */
  public void crash() throws IOException {
    if (transport != null) {
      transport.close();
    }
  }

  @Override
  public void close() {
    bus.disconnect();
  }
}
