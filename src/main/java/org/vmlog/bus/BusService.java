package org.vmlog.bus;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.UInt32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vmlog.platform.Descriptor;

/**
 * A well-known name on a bus with objects behind it, put there again whenever the connection has
 * been made anew. While somebody else has the name, this waits in the bus's queue for it; if the
 * bus does not let us have it, that is said once for each connection, and what else uses the
 * connection goes on.
 *
 * <p>Thread-safe. Calls are answered by the executor's thread.
 */
public final class BusService implements BusConnection.Client {
  private static final Logger LOG = LoggerFactory.getLogger(BusService.class);

  private static final String INTROSPECTABLE = "org.freedesktop.DBus.Introspectable";
  private static final String PEER = "org.freedesktop.DBus.Peer";

  /** Of RequestName: wait for the name, and let nobody take it away. */
  private static final UInt32 QUEUE = new UInt32(0);

  private static final int IN_QUEUE = 2;

  private final String name;
  private final Map<String, BusObject> objects;
  private final Executor calls;
  private volatile @Nullable DBusConnection connection;

  /**
   * Describes a service that is on no bus yet.
   *
   * @param objects by their paths
   * @param calls runs one task at a time, in the order they were given, and refuses one
   *     (RejectedExecutionException) when too many wait
   */
  public BusService(String name, Map<String, BusObject> objects, Executor calls) {
    this.name = name;
    this.objects = Map.copyOf(objects);
    this.calls = calls;
  }

  /** First the objects, then the name: who finds the name finds the objects behind it. */
  @Override
  public void onConnected(DBusConnection bus) throws DBusException {
    BusTransport.of(bus).onCall((call, descriptors) -> take(bus, call, descriptors));
    connection = bus;
    Message reply = BusCall.call(bus, BusCall.BUS, "RequestName", "su", name, QUEUE);
    if (reply instanceof Error) {
      LOG.warn(
          "D-Bus does not let this user have the name {} ({}): its policy has to allow it",
          name,
          BusCall.text(reply));
    } else if (((Number) reply.getParameters()[0]).intValue() == IN_QUEUE) {
      LOG.warn("another process has the D-Bus name {}; waiting for it", name);
    } else {
      LOG.info("on D-Bus as {}", name);
    }
  }

  private boolean take(DBusConnection bus, MethodCall call, List<Descriptor> descriptors) {
    String wanted = call.getInterface();
    String path = call.getPath();
    if (PEER.equals(wanted)) {
      return false; // dbus-java's own answer will do
    }
    if (INTROSPECTABLE.equals(wanted)) {
      String data = BusIntrospection.of(path, objects);
      if (data != null) {
        new BusRequest(bus, call, descriptors).reply("s", data);
      }
      return data != null;
    }
    BusObject object = objects.get(path);
    if (object == null) {
      return false;
    }
    BusRequest request = new BusRequest(bus, call, descriptors);
    try {
      calls.execute(() -> answer(object, request));
    } catch (RejectedExecutionException e) {
      request.fail(new BusException(BusException.LIMITS, "too many calls wait already"));
    }
    return true;
  }

  private static void answer(BusObject object, BusRequest request) {
    try {
      object.call(request);
    } catch (BusException e) {
      request.fail(e);
    } catch (RuntimeException e) {
      LOG.error("{} of {} failed", request.member(), request.sender(), e);
      request.fail(new BusException(BusException.FAILED, e.toString()));
    }
  }

  /** Sends a signal to whoever listens, if there is a bus. */
  public void emit(
      String path, String interfaceName, String member, String signature, Object... values) {
    DBusConnection bus = connection;
    if (bus == null) {
      return;
    }
    try {
      bus.sendMessage(
          bus.getMessageFactory()
              .createSignal(null, path, interfaceName, member, signature, values));
    } catch (DBusException | DBusExecutionException e) {
      LOG.debug("{} cannot be sent", member, e);
    }
  }
}
