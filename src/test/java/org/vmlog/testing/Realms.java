package org.vmlog.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.types.Variant;
import org.vmlog.bus.BusClient;
import org.vmlog.bus.BusClient.Target;
import org.vmlog.bus.BusException;
import org.vmlog.identity.ComponentId;
import org.vmlog.identity.SourceIdentity;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.SocketAccess;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.proto.attribution.Capability;
import org.vmlog.proto.attribution.Event;
import org.vmlog.proto.attribution.EventResult;
import org.vmlog.proto.attribution.EventType;
import org.vmlog.proto.attribution.LogConnection;
import org.vmlog.realm.BrokerLimits;
import org.vmlog.realm.SinkFolder;
import org.vmlog.realm.SinkRequest;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.wire.SinkClient;

/** A broker of realms on a bus, and what launchers and components do with it. */
public final class Realms {
  private static final Target REALMS =
      new Target("org.vmlog.Realms1", "/org/vmlog/Realms1", "org.vmlog.Realms1");

  private Realms() {}

  /** Starts a broker in this process, with its sockets below the folder. */
  public static RealmDaemon broker(PrivateBus bus, Path folder) throws IOException {
    return RealmDaemon.start(
        bus.address(),
        List.of(),
        new SinkFolder(folder.resolve("sinks"), new SocketAccess(0600, Optional.empty())),
        new BrokerLimits(100, 100, 200, 64 << 10));
  }

  /** Returns once both listeners of the root realm are taken. */
  public static void awaitTaken(PrivateBus bus) {
    Await.until(
        "the root realm's listeners are taken",
        () -> {
          try {
            return root(bus, "connections_taken").equals(true)
                && root(bus, "events_taken").equals(true);
          } catch (BusException e) {
            return false; // a broker is ready before the bus has given it its name
          }
        });
  }

  /** What the broker says of the root realm, by ListRealms. */
  public static Object root(PrivateBus bus, String key) throws BusException {
    try (BusClient client = BusClient.connect(bus.address())) {
      Object[] answer = client.call(REALMS, Duration.ofSeconds(30), "ListRealms", "");
      Map<?, ?> root = (Map<?, ?>) ((List<?>) answer[0]).get(0);
      return ((Variant<?>) root.get(key)).getValue();
    }
  }

  /** What a launcher says of a component: any realm will do, and it uses a sink. */
  public static SinkRequest component(String moniker, String instanceId) {
    return new SinkRequest(
        new SourceIdentity.Component(ComponentId.parse(moniker), "test:///component", instanceId),
        true,
        true);
  }

  /** A sink's client, which speaks gRPC. */
  public static SinkClient client(Descriptor sink) throws IOException {
    return SinkClient.over(
        sink,
        task -> {
          Thread thread = new Thread(task, "component");
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Has a component say something by a sink that its launcher opens, and waits until it is written.
   */
  public static void say(RealmsClient launcher, SinkRequest component, String... messages)
      throws Exception {
    say(launcher.openSink(component), messages);
  }

  /** Says something over a sink, and waits until it is written. */
  public static void say(Descriptor sink, String... messages) throws Exception {
    try (SinkClient client = client(sink)) {
      for (String message : messages) {
        client.collect(request(message)).get();
      }
    }
  }

  /** Has a component say something and crash, whether or not anybody listens yet. */
  public static void sayAndCrash(RealmsClient launcher, SinkRequest component, String... messages)
      throws IOException, BusException {
    try (Descriptor sink = launcher.openSink(component)) {
      StreamSocketFixture.write(sink, UnansweredCall.bytes(request(messages)));
    }
  }

  /** A request with these messages, of 1970-01-01 00:00:07. */
  public static byte[] request(String... messages) {
    var request = org.vmlog.proto.vmtools.LogRequest.newBuilder();
    for (String message : messages) {
      request.addRecords(Guest.record(7, message));
    }
    return request.build().toByteArray();
  }

  /** What a broker says of a connection, as a peer that is not ours would put it together. */
  public static byte[] logConnection(String moniker) {
    List<String> parts = List.of(moniker.split("/"));
    return LogConnection.newBuilder()
        .setSourceIdentity(
            org.vmlog.proto.attribution.SourceIdentity.newBuilder()
                .addAllRealmPath(parts.subList(0, parts.size() - 1))
                .setComponentName(parts.get(parts.size() - 1)))
        .build()
        .toByteArray();
  }

  /** The same as an event. */
  public static byte[] event(String moniker) {
    return Event.newBuilder()
        .setEventType(EventType.CAPABILITY_REQUESTED)
        .setMoniker(moniker)
        .setName("org.vmlog.LogSink")
        .setResult(EventResult.newBuilder().setCapability(Capability.getDefaultInstance()))
        .build()
        .toByteArray();
  }
}
