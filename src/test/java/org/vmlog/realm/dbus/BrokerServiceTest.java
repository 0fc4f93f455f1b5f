package org.vmlog.realm.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.bus.BusClient;
import org.vmlog.bus.BusClient.Target;
import org.vmlog.bus.BusException;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.StreamSocket;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.proto.attribution.Event;
import org.vmlog.realm.ListenerKind;
import org.vmlog.testing.Await;
import org.vmlog.testing.DbusSend;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.Realms;

/** The broker's interfaces as anybody on the bus finds them. */
@Timeout(60)
final class BrokerServiceTest {
  private static final String REALMS = "org.vmlog.Realms1";
  private static final String CONNECTOR = "org.vmlog.LogConnector1";
  private static final String EVENTS = "org.vmlog.EventSource1";
  private static final int NOBODY = 65_534;

  @TempDir Path folder;

  private PrivateBus bus;
  private RealmDaemon broker;
  private BusClient client;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create().start();
    broker = Realms.broker(bus, folder);
    client = BusClient.connect(bus.address());
    Await.until("the broker has its names", this::isThere); // a busy host is late with that
  }

  private boolean isThere() {
    try {
      return !realms().isEmpty();
    } catch (BusException e) {
      return false;
    }
  }

  @AfterEach
  void stop() {
    if (client != null) {
      client.close();
      broker.close();
      bus.close();
    }
  }

  @Test
  void openLogSink_takenListener_passesTheOtherEndOn() throws Exception {
    create("shop");
    Object[] taken = call(CONNECTOR, "TakeLogConnectionListener", "as", (Object) labels());
    assertThat(taken[0]).isEqualTo(true);
    assertThat((List<?>) taken[1]).hasSize(1);
    try (Descriptor sink = openSink("shop", identity())) {
      StreamSocketFixture.write(sink, "hello");
      assertThat(sink.number()).isPositive();
    }
  }

  @Test
  void takeLogConnectionListener_takenOne_isFalseAndNoError() throws Exception {
    Object[] first = call(CONNECTOR, "TakeLogConnectionListener", "as", (Object) labels());
    Object[] second = call(CONNECTOR, "TakeLogConnectionListener", "as", (Object) labels());
    assertThat(first[0]).isEqualTo(true);
    assertThat(second[0]).isEqualTo(false);
    assertThat((List<?>) second[1]).isEmpty();
  }

  @Test
  void takeStaticEventStream_takenOne_isAnError() throws Exception {
    create("shop");
    assertThat(call(EVENTS, "TakeStaticEventStream", "s", "/shop")).hasSize(1);
    assertError(
        "org.vmlog.Error.Claimed",
        "the events of realm /shop are taken already",
        EVENTS,
        "TakeStaticEventStream",
        "s",
        "/shop");
    assertThat(call(EVENTS, "TakeStaticEventStream", "s", "/")).hasSize(1);
  }

  /** Two streams with a filter, beside the one that has all the rest. */
  @Test
  void subscribe_filters_giveEachStreamItsComponents() throws Exception {
    create("shop");
    List<Map<String, Variant<?>>> cart = List.of(subscription("eu/cart"));
    List<Map<String, Variant<?>>> tills = List.of(subscription("till-1"), subscription("till-2"));
    try (RealmsClient launcher = RealmsClient.connect(bus.address());
        PacketSocket first = stream("Subscribe", "saa{sv}", "/shop", cart);
        PacketSocket second = stream("Subscribe", "saa{sv}", "/shop", tills);
        PacketSocket rest = stream("TakeStaticEventStream", "s", "/shop")) {
      for (String moniker : List.of("shop/till-2", "shop/eu/cart", "shop/other", "shop/till-1")) {
        connectAs(launcher, moniker);
      }
      assertThat(next(first)).isEqualTo("eu/cart");
      assertThat(next(second)).isEqualTo("till-2");
      assertThat(next(second)).isEqualTo("till-1");
      assertThat(next(rest)).isEqualTo("other");
      first.close();
      Await.until("the stream's end is seen", () -> reachesRest(launcher, rest));
    }
  }

  private boolean reachesRest(RealmsClient launcher, PacketSocket rest) {
    try {
      connectAs(launcher, "shop/eu/cart");
      return rest.receive(PacketSocket.newBuffer()) instanceof PacketSocket.Received.Packet;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private PacketSocket stream(String member, String signature, Object... arguments)
      throws Exception {
    FileDescriptor handle = (FileDescriptor) call(EVENTS, member, signature, arguments)[0];
    return PacketSocket.over(client.take(handle).orElseThrow());
  }

  private static void connectAs(RealmsClient launcher, String moniker) throws Exception {
    StreamSocket.connect(launcher.provideSink(Realms.component(moniker, "1"))).close();
  }

  private static String next(PacketSocket stream) throws Exception {
    PacketSocket.Received[] received = new PacketSocket.Received[1];
    ByteBuffer buffer = PacketSocket.newBuffer();
    Await.until(
        "an event comes",
        () -> (received[0] = stream.receive(buffer)) instanceof PacketSocket.Received.Packet);
    try (PacketSocket.Received.Packet packet = packet(received[0])) {
      return Event.parseFrom(packet.bytes()).getMoniker();
    }
  }

  private static Map<String, Variant<?>> subscription(String component) {
    return Map.of(
        "event", new Variant<>("capability_requested"),
        "name", new Variant<>("org.vmlog.LogSink"),
        "mode", new Variant<>("async"),
        "component", new Variant<>(component));
  }

  @Test
  void subscribe_whatCannotBe_isNamedWithWhatWasAllowed() {
    String invalid = "org.vmlog.Error.InvalidArgument";
    assertError(
        invalid,
        "mode \"sync\": allowed is \"async\"",
        EVENTS,
        "Subscribe",
        "saa{sv}",
        "/",
        List.of(Map.of("mode", new Variant<>("sync"))));
    assertError(
        invalid,
        "name \"fuchsia.logger.LogSink\": allowed is \"org.vmlog.LogSink\"",
        EVENTS,
        "Subscribe",
        "saa{sv}",
        "/",
        List.of(Map.of("name", new Variant<>("fuchsia.logger.LogSink"))));
    assertError(
        invalid,
        "0 subscriptions; allowed are 1 to 64",
        EVENTS,
        "Subscribe",
        "saa{sv}",
        "/",
        List.of());
  }

  @Test
  void listRealms_showsWhatWaitsAndWhatIsTaken() throws Exception {
    create("shop");
    Object[] unused = call(REALMS, "CreateRealm", "assa{sv}", labels("shop"), "test", sinkAt());
    openSink("shop", identity()).closeQuietly();
    Object[] taken = call(EVENTS, "TakeStaticEventStream", "s", "/shop");
    assertThat(taken).hasSize(1);
    assertThat(realms())
        .containsExactly(
            "{connections_taken=false, connections_waiting=1, events_taken=false, events_waiting=0,"
                + " log_sink=false, realm=[]}",
            "{connections_taken=false, connections_waiting=0, events_taken=true, events_waiting=0,"
                + " log_sink=false, realm=[shop]}",
            "{connections_taken=false, connections_waiting=0, events_taken=false, events_waiting=0,"
                + " log_sink=true, realm=[shop, test]}");
  }

  @Test
  void getCounters_saysWhatBecameOfConnections() throws Exception {
    create("shop");
    Object[] taken = call(CONNECTOR, "TakeLogConnectionListener", "as", (Object) labels());
    assertThat(taken).hasSize(2);
    openSink("shop", identity()).closeQuietly();
    openSink("shop", identity()).closeQuietly();
    assertThat(call(REALMS, "GetCounters", "")[0].toString())
        .contains(
            "connections_handed_over=2", "connections_to_own_sinks=0", "connections_refused=0");
  }

  @Test
  void lease_ofACallerThatHasGone_isOver() throws Exception {
    Path sink = folder.resolve("leased.sink");
    try (BusClient launcher = BusClient.connect(bus.address())) {
      lease(launcher, sink);
      assertThat(sink).exists();
      assertThat(realms()).hasSize(2);
    }
    Await.until("the realm is gone", () -> realms().size() == 1);
    assertThat(sink).doesNotExist();
  }

  /** A has a lease of what is no more; B's is of the same name, and not A's to undo. */
  @Test
  void lease_ofARealmAndASinkThatAnotherMadeAnew_leavesTheirsAlone() throws Exception {
    Path sink = folder.resolve("leased.sink");
    try (BusClient a = BusClient.connect(bus.address())) {
      lease(a, sink);
      Object[] none = call(REALMS, "DestroyRealm", "as", (Object) labels("leased"));
      assertThat(none).isEmpty();
      lease(client, sink);
    }
    BusClient witness = BusClient.connect(bus.address());
    lease(witness, folder.resolve("witness.sink"), "witness");
    witness.close();
    Await.until("the lease of who left later has ended", () -> realms().size() == 2);
    assertThat(realms().get(1)).contains("realm=[leased]");
    assertThat(sink).exists();
  }

  private static void lease(BusClient launcher, Path sink) throws BusException {
    lease(launcher, sink, "leased");
  }

  private static void lease(BusClient launcher, Path sink, String realm) throws BusException {
    Target target = target(REALMS);
    Object[] none =
        launcher.call(target, Await.PATIENCE, "CreateRealm", "assa{sv}", labels(), realm, lease());
    assertThat(none).isEmpty();
    Map<String, Variant<?>> identity = identity();
    identity.putAll(lease());
    Object[] path =
        launcher.call(
            target,
            Await.PATIENCE,
            "ProvideLogSink",
            "asa{sv}s",
            labels(realm),
            identity,
            sink.toString());
    assertThat(path).containsExactly(sink.toString());
  }

  @Test
  void withoutALease_whatWasMade_outlivesItsCaller() throws Exception {
    try (BusClient launcher = BusClient.connect(bus.address())) {
      Object[] none =
          launcher.call(
              target(REALMS),
              Await.PATIENCE,
              "CreateRealm",
              "assa{sv}",
              labels(),
              "lasting",
              Map.of());
      assertThat(none).isEmpty();
    }
    Object[] destroyed = call(REALMS, "DestroyRealm", "as", (Object) labels("lasting"));
    assertThat(destroyed).isEmpty();
  }

  @Test
  void revokeLogSink_endsTheListening() throws Exception {
    Object[] path = call(REALMS, "ProvideLogSink", "asa{sv}s", labels(), identity(), "");
    Path sink = Path.of((String) path[0]);
    assertThat(sink.getParent()).isEqualTo(folder.resolve("sinks"));
    Object[] none = call(REALMS, "RevokeLogSink", "s", sink.toString());
    assertThat(none).isEmpty();
    assertThat(sink).doesNotExist();
    assertError(
        "org.vmlog.Error.InvalidArgument",
        "no sink is provided at " + sink,
        REALMS,
        "RevokeLogSink",
        "s",
        sink.toString());
  }

  @Test
  void badArguments_areNamedWithWhatWasAllowed() {
    String invalid = "org.vmlog.Error.InvalidArgument";
    assertError(
        invalid,
        "realm label \"a/b\" has a slash, which is not allowed",
        REALMS,
        "CreateRealm",
        "assa{sv}",
        labels(),
        "a/b",
        Map.of());
    assertError(
        invalid,
        "realm label \"\" has 0 bytes; allowed are 1 to 32",
        REALMS,
        "DestroyRealm",
        "as",
        (Object) labels(""));
    assertError(
        invalid,
        "a realm 51 deep; allowed are 50",
        REALMS,
        "DestroyRealm",
        "as",
        (Object) "x ".repeat(51).split(" ", 51));
    assertError(
        "org.vmlog.Error.NotFound",
        "there is no realm nowhere",
        REALMS,
        "DestroyRealm",
        "as",
        (Object) labels("nowhere"));
    assertError(
        invalid,
        "component name \"\" has 0 bytes; allowed are 1 to 255",
        REALMS,
        "OpenLogSink",
        "asa{sv}",
        labels(),
        Map.of());
    assertError(
        "org.vmlog.Error.Denied",
        "cart is not said to use a sink (use_log_sink), so it is offered none",
        REALMS,
        "OpenLogSink",
        "asa{sv}",
        labels(),
        Map.of("name", new Variant<>("cart")));
    assertError(
        invalid,
        "no such key: \"nmae\"; allowed are any_realm, instance_id, name, url, use_log_sink",
        REALMS,
        "OpenLogSink",
        "asa{sv}",
        labels(),
        Map.of("nmae", new Variant<>("cart")));
    assertError(
        invalid,
        "socket_path \"relative\": allowed is an absolute path without . and ..",
        REALMS,
        "ProvideLogSink",
        "asa{sv}s",
        labels(),
        identity(),
        "relative");
    assertError(
        invalid,
        "path \"shop\": allowed is / or /LABEL/LABEL…",
        EVENTS,
        "TakeStaticEventStream",
        "s",
        "shop");
    assertError(
        "org.freedesktop.DBus.Error.UnknownMethod",
        "no method Nothing; allowed are TakeLogConnectionListener of org.vmlog.LogConnector1",
        CONNECTOR,
        "Nothing",
        "");
  }

  @Test
  void anotherUser_mayDoNothing() throws Exception {
    assumeTrue(DbusSend.isAvailable(), "only root can be another, by dbus-send (dbus-bin)");
    DbusSend nobody = new DbusSend(bus.address(), NOBODY, NOBODY);
    assertThat(nobody.call(REALMS, "ListRealms"))
        .contains("org.vmlog.Error.Denied", "user " + NOBODY + " may not have components log");
    assertThat(nobody.call(CONNECTOR, "TakeLogConnectionListener", "array:string:"))
        .contains("org.vmlog.Error.Denied", "may not take the logs of components");
    assertThat(nobody.call(EVENTS, "TakeStaticEventStream", "string:/"))
        .contains("org.vmlog.Error.Denied", "may not take the logs of components");
    assertThat(realms().get(0)).contains("connections_taken=false", "events_taken=false");
  }

  @ParameterizedTest
  @ValueSource(strings = {REALMS, CONNECTOR, EVENTS})
  void introspection_isTheInstalledFile(String name) throws Exception {
    Target object =
        new Target(name, "/" + name.replace('.', '/'), "org.freedesktop.DBus.Introspectable");
    String said = (String) client.call(object, Await.PATIENCE, "Introspect", "")[0];
    String installed = Files.readString(Path.of("packaging/dbus/interfaces", name + ".xml"));
    assertThat(element(installed, name)).isEqualTo(element(said, name));
  }

  private static String element(String xml, String name) {
    int from = xml.indexOf("<interface name=\"" + name + "\"");
    assertThat(from).as(xml).isNotNegative();
    return xml.substring(from, xml.indexOf("</interface>", from)).replaceAll("\\s+", " ");
  }

  @Test
  void client_takesAndOpens() throws Exception {
    try (RealmsClient launcher = RealmsClient.connect(bus.address())) {
      launcher.createRealm(RealmPath.parse("mine"));
      assertThat(launcher.take(ListenerKind.LOG_CONNECTIONS, RealmPath.parse("mine"))).isPresent();
      assertThat(launcher.take(ListenerKind.LOG_CONNECTIONS, RealmPath.parse("mine"))).isEmpty();
      launcher.openSink(Realms.component("mine/cart", "1")).closeQuietly();
    }
  }

  /** And none at the client's side, which is the same process here. */
  @Test
  @Timeout(300)
  void calls_aThousandOfEach_keepNoDescriptor() throws Exception {
    create("shop");
    Object[] taken = call(CONNECTOR, "TakeLogConnectionListener", "as", (Object) labels());
    FileDescriptor handle = (FileDescriptor) ((List<?>) taken[1]).get(0);
    Map<String, Variant<?>> identity = identity();
    try (PacketSocket listener = PacketSocket.over(client.take(handle).orElseThrow())) {
      ByteBuffer buffer = PacketSocket.newBuffer();
      long before = descriptors();
      for (int i = 0; i < 1000; i++) {
        openSink("shop", identity).close();
        Await.until("it was handed on", () -> isReceived(listener, buffer));
        assertThat(call(CONNECTOR, "TakeLogConnectionListener", "as", (Object) labels())[0])
            .isEqualTo(false);
        Object[] path = call(REALMS, "ProvideLogSink", "asa{sv}s", labels("shop"), identity, "");
        Object[] none = call(REALMS, "RevokeLogSink", "s", path[0]);
        assertThat(none).isEmpty();
        none = call(REALMS, "CreateRealm", "assa{sv}", labels("shop"), "test", Map.of());
        assertThat(none).isEmpty();
        Object[] events = call(EVENTS, "TakeStaticEventStream", "s", "/shop/test");
        client.take((FileDescriptor) events[0]).orElseThrow().close();
        none = call(REALMS, "DestroyRealm", "as", (Object) labels("shop", "test"));
        assertThat(none).isEmpty();
        assertThat(call(REALMS, "GetCounters", "")).hasSize(1);
      }
      Await.until("none is left", () -> descriptors() < before + 50);
    }
  }

  private static boolean isReceived(PacketSocket listener, ByteBuffer buffer) {
    try (PacketSocket.Received.Packet packet = packet(listener.receive(buffer))) {
      return packet != null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PacketSocket.Received.Packet packet(PacketSocket.Received received) {
    return received instanceof PacketSocket.Received.Packet packet ? packet : null;
  }

  private static long descriptors() {
    return new File("/proc/self/fd").list().length;
  }

  private Object[] call(String of, String member, String signature, Object... arguments)
      throws BusException {
    return client.call(target(of), Duration.ofSeconds(30), member, signature, arguments);
  }

  private static Target target(String of) {
    return new Target(of, "/" + of.replace('.', '/'), of);
  }

  private void assertError(
      String name,
      String message,
      String of,
      String member,
      String signature,
      Object... arguments) {
    BusException error =
        catchThrowableOfType(BusException.class, () -> call(of, member, signature, arguments));
    assertThat(error.getMessage()).isEqualTo(message);
    assertThat(error.name()).isEqualTo(name);
  }

  private void create(String label) throws BusException {
    Object[] none = call(REALMS, "CreateRealm", "assa{sv}", labels(), label, Map.of());
    assertThat(none).isEmpty();
  }

  private Descriptor openSink(String realm, Map<String, Variant<?>> identity) throws BusException {
    Object[] answer = call(REALMS, "OpenLogSink", "asa{sv}", labels(realm), identity);
    Optional<Descriptor> sink = client.take((FileDescriptor) answer[0]);
    return sink.orElseThrow();
  }

  private List<String> realms() throws BusException {
    List<String> shown = new ArrayList<>();
    for (Object realm : (List<?>) call(REALMS, "ListRealms", "")[0]) {
      Map<String, Object> values = new TreeMap<>();
      ((Map<?, ?>) realm)
          .forEach((key, value) -> values.put((String) key, ((Variant<?>) value).getValue()));
      shown.add(values.toString());
    }
    return shown;
  }

  private static String[] labels(String... labels) {
    return labels;
  }

  private static Map<String, Variant<?>> identity() {
    Map<String, Variant<?>> identity = new LinkedHashMap<>();
    identity.put("name", new Variant<>("cart"));
    identity.put("use_log_sink", new Variant<>(true));
    return identity;
  }

  private static Map<String, Variant<?>> lease() {
    return Map.of("lease", new Variant<>(true));
  }

  private Map<String, Variant<?>> sinkAt() {
    return Map.of("log_sink", new Variant<>(folder.resolve("own.sock").toString()));
  }
}
