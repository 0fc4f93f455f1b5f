package org.vmlog.testing;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.connections.transports.AbstractTransport;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.Peer;
import org.freedesktop.dbus.messages.MethodReturn;
import org.jspecify.annotations.Nullable;
import org.vmlog.proto.concierge.ExtendedVmInfo;
import org.vmlog.proto.concierge.ListVmsRequest;
import org.vmlog.proto.concierge.ListVmsResponse;
import org.vmlog.proto.concierge.VmInfo;
import org.vmlog.proto.concierge.VmStartingUpSignal;
import org.vmlog.proto.concierge.VmStoppedSignal;
import org.vmlog.proto.concierge.VmType;

/**
 * Sends the signals of ChromeOS's concierge, with or without the right to, and lists the VMs it has
 * started.
 *
 * <p>A method that sends returns when the bus has passed the signal on. Confined to one thread;
 * lists are answered on threads of the connection's.
 */
public final class FakeConcierge implements AutoCloseable {
  public static final String NAME = "org.chromium.VmConcierge";
  public static final String PATH = "/org/chromium/VmConcierge";

  /** What of its interface is called. */
  @DBusInterfaceName(NAME)
  public interface Interface extends DBusInterface {
    byte[] ListVms(byte[] request);
  }

  /** Answers a request; may take as long as it likes. */
  @FunctionalInterface
  public interface Lister {
    byte[] list(byte[] request) throws Exception;
  }

  private record Vm(String owner, String name) {}

  private final Map<Vm, Long> cids = Collections.synchronizedMap(new LinkedHashMap<>());
  private final DBusConnection bus;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final AtomicInteger hanging = new AtomicInteger();
  private volatile Lister lister = this::list;
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
    return prepare(address).takeName();
  }

  /** A concierge that has yet to {@link #takeName}. */
  public static FakeConcierge prepare(String address) throws DBusException {
    FakeConcierge concierge = new FakeConcierge(address);
    concierge.bus.exportObject(PATH, concierge.new Exported());
    return concierge;
  }

  /** Owns concierge's name from now on. */
  public FakeConcierge takeName() throws DBusException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        bus.requestBusName(NAME);
        return this;
      } catch (DBusException e) {
        if (System.nanoTime() > deadline) {
          close();
          throw e;
        }
      }
    }
  }

  /** Somebody who sends concierge's signals without owning its name. */
  public static FakeConcierge forger(String address) throws DBusException {
    return new FakeConcierge(address);
  }

  /** Lists a VM without a word about its start. */
  public FakeConcierge has(String owner, String name, long cid) {
    cids.put(new Vm(owner, name), cid);
    return this;
  }

  /** Lists a VM no more, without a word about its end. */
  public void loses(String owner, String name) {
    cids.remove(new Vm(owner, name));
  }

  /** Lists what another one has listed. */
  public FakeConcierge inherit(FakeConcierge predecessor) {
    cids.putAll(predecessor.cids);
    return this;
  }

  /** Answers no request for a list before its end. */
  public FakeConcierge hanging() {
    return answering(
        request -> {
          hanging.incrementAndGet();
          ending.await();
          hanging.decrementAndGet();
          return new byte[0];
        });
  }

  /** Answers requests for lists in another way. */
  public FakeConcierge answering(Lister lister) {
    this.lister = lister;
    return this;
  }

  /** What it lists at this moment, as concierge does: VMs of one owner, who must not be empty. */
  public byte[] list(byte[] request) throws InvalidProtocolBufferException {
    String owner = ListVmsRequest.parseFrom(request).getOwnerId();
    ListVmsResponse.Builder response = ListVmsResponse.newBuilder();
    if (owner.isEmpty()) {
      return response.setFailureReason("Empty owner id").build().toByteArray();
    }
    synchronized (cids) {
      cids.forEach(
          (vm, cid) -> {
            if (vm.owner().equals(owner)) {
              response.addVms(
                  ExtendedVmInfo.newBuilder()
                      .setOwnerId(owner)
                      .setName(vm.name())
                      .setVmInfo(VmInfo.newBuilder().setCid(cid).setVmType(VmType.TERMINA)));
            }
          });
    }
    return response.setSuccess(true).build().toByteArray();
  }

  /** The object behind the name. */
  private final class Exported implements Interface {
    @Override
    public byte[] ListVms(byte[] request) {
      try {
        return lister.list(request);
      } catch (Exception e) {
        throw new DBusExecutionException("cannot list", e);
      }
    }

    @Override
    public String getObjectPath() {
      return PATH;
    }
  }

  /** Announces that a VM starts, as a termina VM. */
  public void vmStartingUp(String owner, String name, long cid) throws DBusException {
    has(owner, name, cid);
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
    cids.remove(new Vm(owner, name));
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

  /** Answers the last calls that anybody in this process has made, or any that could be one. */
  public void forgeReplies(String destination, byte[] payload) throws DBusException {
    long last = new ForgedReply(destination, 1, payload).getSerial(); // they count together
    for (long serial = Math.max(1, last - 300); serial <= last + 100; serial++) {
      bus.sendMessage(new ForgedReply(destination, serial, payload));
    }
    bus.getRemoteObject("org.freedesktop.DBus", "/org/freedesktop/DBus", Peer.class).Ping();
  }

  /** A reply to a call that was made to somebody else. */
  private static final class ForgedReply extends MethodReturn {
    ForgedReply(String destination, long serial, byte[] payload) throws DBusException {
      super((byte) 'l', destination, serial, "ay", (Object) payload);
    }
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
    bus.disconnect(); // or its reader goes on, on a whole core, at the end of what is closed
  }

  @Override
  public void close() {
    ending.countDown(); // or the connection waits for its methods to end
    Await.until("no list is under way", () -> hanging.get() == 0);
    bus.disconnect();
  }
}
