package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.vmlog.testing.Realms.component;
import static org.vmlog.testing.Realms.say;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.bus.BusException;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.realm.SinkRequest;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.testing.Await;
import org.vmlog.testing.Guest;
import org.vmlog.testing.InProcessForwarder;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.UnansweredCall;
import org.vmlog.wire.SinkClient;

/** Brokers, forwarders, their bus, and whoever else listens come late, go early, and come again. */
@Timeout(120)
final class AttributionRestartTest {
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
  void fiftySinksWithFiveMessages_beforeTheListenerIsTaken_areTwoHundredAndFiftyLines()
      throws Exception {
    try (RealmDaemon broker = broker();
        RealmsClient launcher = RealmsClient.connect(bus.address())) {
      List<SinkClient> clients = new ArrayList<>();
      List<CompletableFuture<Void>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        SinkRequest component = component("early/component-" + i, "1");
        if (i % 2 == 0) { // one that waits to be served, and one that has gone by then
          SinkClient client = Realms.client(launcher.openSink(component));
          answers.add(client.collect(Realms.request("0", "1", "2", "3", "4")));
          clients.add(client);
        } else {
          Realms.sayAndCrash(launcher, component, "0", "1", "2", "3", "4");
        }
      }
      assertThat(Realms.root(bus, "connections_waiting")).hasToString("50");

      try (InProcessForwarder forwarder = InProcessForwarder.start(host)) {
        for (CompletableFuture<Void> answer : answers) {
          answer.get();
        }
        Await.until(
            "the crashed ones' words are written",
            () -> {
              int lines = 0;
              for (int i = 0; i < 50; i++) {
                lines += LogFiles.lines(log("early/component-" + i)).size();
              }
              return lines == 250;
            });
      }
      for (int i = 0; i < 50; i++) {
        assertThat(LogFiles.numbers(log("early/component-" + i))).containsExactly(0, 1, 2, 3, 4);
      }
      clients.forEach(SinkClient::close);
    }
  }

  @Test
  void listener_takenBySomebodyElse_isWaitedForAndAllElseGoesOn() throws Exception {
    try (RealmDaemon broker = broker();
        RealmsClient launcher = RealmsClient.connect(bus.address());
        InProcessForwarder first = InProcessForwarder.start(host)) {
      Realms.awaitTaken(bus);
      TestHost other =
          new TestHost(Files.createDirectory(folder.resolve("other")))
              .with("[dbus]\naddress = \"" + bus.address() + "\"");
      try (InProcessForwarder second = InProcessForwarder.start(other);
          Guest plain = Guest.on(other.forwarderSocket())) {
        plain.send(Guest.Method.USER, Realms.request("a plain sink 1"));
        say(launcher, component("shop/cart", "1"), "attributed 1");
        assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1);
        first.close();
        Realms.awaitTaken(bus);
        say(launcher, component("shop/cart", "1"), "attributed 2");
        assertThat(LogFiles.numbers(other.componentLog("shop/cart"))).containsExactly(2);
      }
    }
  }

  @Test
  void broker_startedAgain_isListenedToAgainAndSinksOfTheOldOneGoOn() throws Exception {
    try (InProcessForwarder forwarder = InProcessForwarder.start(host)) {
      SinkClient old;
      try (RealmDaemon broker = broker();
          RealmsClient launcher = RealmsClient.connect(bus.address())) {
        Realms.awaitTaken(bus);
        old = Realms.client(launcher.openSink(component("shop/old", "1")));
        old.collect(Realms.request("with its broker 1")).get();
      }
      old.collect(Realms.request("without a broker 2")).get();
      try (RealmDaemon broker = broker();
          RealmsClient launcher = RealmsClient.connect(bus.address())) {
        Realms.awaitTaken(bus);
        say(launcher, component("shop/new", "1"), "of the new broker 1");
        old.collect(Realms.request("still 3")).get();
      }
      old.close();
    }
    assertThat(LogFiles.numbers(log("shop/old"))).containsExactly(1, 2, 3);
    assertThat(LogFiles.numbers(log("shop/new"))).containsExactly(1);
  }

  @Test
  void forwarder_startedAgain_listensAgainAndServesWhatCameMeanwhile() throws Exception {
    try (RealmDaemon broker = broker();
        RealmsClient launcher = RealmsClient.connect(bus.address())) {
      try (InProcessForwarder forwarder = InProcessForwarder.start(host)) {
        Realms.awaitTaken(bus);
        say(launcher, component("shop/cart", "1"), "before 1");
      }
      Await.until(
          "the listener is free", () -> Realms.root(bus, "connections_taken").equals(false));
      Realms.sayAndCrash(launcher, component("shop/cart", "2"), "meanwhile 2");
      try (InProcessForwarder forwarder = InProcessForwarder.start(host)) {
        Realms.awaitTaken(bus);
        Await.until("it is written", () -> LogFiles.lines(log("shop/cart")).size() == 2);
        say(launcher, component("shop/cart", "3"), "after 3");
      }
    }
    assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1, 2, 3);
  }

  @Test
  void bus_startedAgain_costsNoConnectionAndIsFollowedAgain() throws Exception {
    try (RealmDaemon broker = broker();
        InProcessForwarder forwarder = InProcessForwarder.start(host)) {
      Realms.awaitTaken(bus);
      SinkClient before;
      try (RealmsClient launcher = RealmsClient.connect(bus.address())) {
        before = Realms.client(launcher.openSink(component("shop/cart", "1")));
        before.collect(Realms.request("before 1")).get();
      }
      bus.stop();
      before.collect(Realms.request("without a bus 2")).get();
      bus.start();
      RealmsClient[] launcher = new RealmsClient[1];
      Await.until(
          "the broker is on the bus again",
          () -> {
            launcher[0] = RealmsClient.connect(bus.address());
            try {
              say(launcher[0], component("shop/other", "1"), "again 1");
              return true;
            } catch (BusException e) {
              launcher[0].close();
              return false;
            }
          });
      launcher[0].close();
      before.collect(Realms.request("after 3")).get();
      before.close();
    }
    assertThat(LogFiles.numbers(log("shop/cart"))).containsExactly(1, 2, 3);
    assertThat(LogFiles.numbers(log("shop/other"))).contains(1);
  }

  @Test
  void forwarder_stopping_writesWhatOpenSinksHaveSaid() throws Exception {
    try (RealmDaemon broker = broker();
        RealmsClient launcher = RealmsClient.connect(bus.address())) {
      List<Descriptor> open = new ArrayList<>();
      try (InProcessForwarder forwarder = InProcessForwarder.start(host)) {
        Realms.awaitTaken(bus);
        for (int i = 0; i < 20; i++) {
          Descriptor sink = launcher.openSink(component("stop/component-" + i, "1"));
          StreamSocketFixture.write(sink, UnansweredCall.bytes(Realms.request("last 1")));
          open.add(sink);
        }
      }
      for (int i = 0; i < 20; i++) {
        assertThat(LogFiles.numbers(log("stop/component-" + i))).containsExactly(1);
      }
      open.forEach(Descriptor::closeQuietly);
    }
  }

  private RealmDaemon broker() throws Exception {
    return Realms.broker(bus, folder);
  }

  private Path log(String moniker) {
    return host.componentLog(moniker);
  }
}
