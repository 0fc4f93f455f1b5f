package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.vmlog.testing.Realms.component;
import static org.vmlog.testing.Realms.say;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.FileDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusRequest;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.PacketSocket;
import org.vmlog.platform.StreamSocket;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.proto.attribution.LogConnection;
import org.vmlog.proto.attribution.SourceIdentity;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeBroker;
import org.vmlog.testing.Guest;
import org.vmlog.testing.InProcessForwarder;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;

/** Brokers that hang, end in the middle or talk nonsense, and such as nobody is to listen to. */
@Timeout(120)
final class AttributionFaultsTest {
  @TempDir Path folder;

  private PrivateBus bus;
  private TestHost host;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
  }

  @AfterEach
  void stop() {
    if (bus != null) {
      bus.close();
    }
  }

  @Test
  void connectorThatHangs_doesNotBlockTheEventPathNorPlainSinks() throws Exception {
    try (FakeBroker connector = FakeBroker.logConnector(bus);
        FakeBroker events = FakeBroker.eventSource(bus);
        InProcessForwarder forwarder = InProcessForwarder.start(host)) {
      BusRequest unanswered = connector.next();
      assertThat(unanswered.member()).isEqualTo("TakeLogConnectionListener");
      try (PacketSocket stream = FakeBroker.giveListener(events.next());
          Guest plain = Guest.on(host.forwarderSocket())) {
        say(handOver(stream, Realms.event("shop/cart")), "by event 1");
        plain.send(Guest.Method.USER, Realms.request("a plain sink 1"));
        assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1);

        // An answer that comes late is as good as any.
        try (PacketSocket connections = FakeBroker.giveListener(unanswered)) {
          say(handOver(connections, Realms.logConnection("shop/cart")), "by connection 2");
          assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1, 2);
        }
      }
    }
  }

  @Test
  void brokerThatEndsInTheMiddleOfATake_isAskedNoMoreAndItsSuccessorIs() throws Exception {
    try (InProcessForwarder forwarder = InProcessForwarder.start(host)) {
      try (FakeBroker broker = FakeBroker.logConnector(bus)) {
        BusRequest unused = broker.next();
      }
      try (FakeBroker broker = FakeBroker.logConnector(bus);
          PacketSocket connections = FakeBroker.giveListener(broker.next())) {
        say(handOver(connections, Realms.logConnection("shop/cart")), "hello 1");
      }
      // And once more, after it had given the listener.
      try (FakeBroker broker = FakeBroker.logConnector(bus);
          PacketSocket connections = FakeBroker.giveListener(broker.next())) {
        say(handOver(connections, Realms.logConnection("shop/cart")), "hello 2");
      }
    }
    assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1, 2);
  }

  @Test
  void answersThatMakeNoSense_costNothingButAnotherTry() throws Exception {
    try (FakeBroker broker = FakeBroker.logConnector(bus);
        InProcessForwarder forwarder = InProcessForwarder.start(host)) {
      broker.next().reply("s", "nonsense");
      BusRequest second = broker.next();
      second.reply("bah", true, new FileDescriptor[0]);
      StreamSocket.Pair stream = StreamSocket.pair();
      BusRequest third = broker.next();
      third.reply(
          List.of(stream.left()),
          "bah",
          true,
          new FileDescriptor[] {BusRequest.handle(stream.left())});
      stream.right().close();
      try (PacketSocket connections = FakeBroker.giveListener(broker.next())) {
        say(handOver(connections, Realms.logConnection("shop/cart")), "hello 1");
      }
    }
    assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1);
  }

  @Test
  void identitiesThatAreMalformed_harmOnlyThemselves() throws Exception {
    try (FakeBroker broker = FakeBroker.logConnector(bus);
        InProcessForwarder forwarder = InProcessForwarder.start(host);
        PacketSocket connections = FakeBroker.giveListener(broker.next())) {
      byte[] nobody =
          LogConnection.newBuilder()
              .setSourceIdentity(SourceIdentity.newBuilder().addRealmPath("shop"))
              .build()
              .toByteArray();
      Descriptor refused = handOver(connections, nobody);
      connections.send(Realms.logConnection("shop/none"));
      say(handOver(connections, Realms.logConnection("shop/cart")), "hello 1");
      assertThat(StreamSocketFixture.readToEnd(refused)).isEmpty();
      Await.until("the forwarder is on the bus", () -> !counters().isEmpty());
      assertThat(counters())
          .containsEntry("components_malformed", 2L)
          .containsEntry("components_connected", 1L);
    }
    assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1);
  }

  private Map<String, Object> counters() {
    try (ForwarderClient client = ForwarderClient.connect(bus.address())) {
      return client.counters();
    } catch (BusException e) {
      return Map.of();
    }
  }

  @Test
  void logConnectorDisabled_byFlagOrKey_isNotAskedForAndEventsAre() throws Exception {
    TestHost configured =
        new TestHost(Files.createDirectory(folder.resolve("configured")))
            .with("[dbus]\naddress = \"" + bus.address() + "\"")
            .with("[attribution]\nlog_connector = false");
    try (FakeBroker connector = FakeBroker.logConnector(bus);
        FakeBroker events = FakeBroker.eventSource(bus);
        InProcessForwarder byFlag = InProcessForwarder.startWithoutLogConnector(host);
        PacketSocket first = FakeBroker.giveListener(events.next());
        InProcessForwarder byKey = InProcessForwarder.start(configured);
        PacketSocket second = FakeBroker.giveListener(events.next());
        InProcessForwarder third =
            InProcessForwarder.start(
                new TestHost(Files.createDirectory(folder.resolve("third")))
                    .with("[dbus]\naddress = \"" + bus.address() + "\""));
        PacketSocket one = FakeBroker.giveListener(connector.next())) {
      // The bus keeps an order: had the others asked, they would have been first.
      assertThat(connector.isQuiet()).isTrue();
    }
  }

  @Test
  void logConnectorDisabled_eventsAndPlainSinksAndLaunchedSinks_goOn() throws Exception {
    try (RealmDaemon broker = broker();
        RealmsClient launcher = RealmsClient.connect(bus.address());
        InProcessForwarder forwarder = InProcessForwarder.startWithoutLogConnector(host);
        Guest plain = Guest.on(host.forwarderSocket())) {
      Await.until("the events are taken", () -> taken("events_taken"));
      assertThat(taken("connections_taken")).isFalse();
      plain.send(Guest.Method.USER, Realms.request("a plain sink 1"));
      try (Guest event = Guest.on(launcher.provideSink(component("shop/path", "1")))) {
        event.send(Guest.Method.USER, Realms.request("by its path 2"));
      }
      say(launcher, component("shop/cart", "1"), "by its launcher 3");
    }
    assertThat(LogFiles.numbers(log("shop/path"))).containsExactly(2);
    assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(3);
  }

  private boolean taken(String key) {
    try {
      return Realms.root(bus, key).equals(true);
    } catch (BusException e) {
      return false; // a broker is ready before the bus has given it its name
    }
  }

  @Test
  void line_inRfc5424_carriesMonikerAndUrl() throws Exception {
    host.with("[logs]\nformat = \"rfc5424\"");
    try (RealmDaemon broker = broker();
        RealmsClient launcher = RealmsClient.connect(bus.address());
        InProcessForwarder forwarder = InProcessForwarder.start(host)) {
      Realms.awaitTaken(bus);
      say(launcher, component("shop/eu/cart", "7"), "hello");
    }
    assertThat(LogFiles.lines(log("shop/eu/cart")))
        .singleElement()
        .asString()
        .contains(
            " cart - - - [component@32473 moniker=\"shop/eu/cart\" url=\"test:///component\""
                + " instance=\"7\" channel=\"user\" received=\"")
        .endsWith("\"] hello");
  }

  private RealmDaemon broker() throws Exception {
    return Realms.broker(bus, folder);
  }

  private Path log(String moniker) {
    return host.componentLog(moniker);
  }

  /** The client's end of a connection whose other end is handed over. */
  private static Descriptor handOver(PacketSocket broker, byte[] message) throws Exception {
    StreamSocket.Pair pair = StreamSocket.pair();
    assertThat(broker.send(message, pair.left())).isTrue();
    pair.left().close();
    return pair.right();
  }
}
