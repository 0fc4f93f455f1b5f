package org.vmlog.realm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vmlog.realm.BrokerFixture.component;
import static org.vmlog.realm.ListenerKind.EVENTS;
import static org.vmlog.realm.ListenerKind.LOG_CONNECTIONS;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.RealmPath;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocketFixture;
import org.vmlog.realm.BrokerFixture.Taken;
import org.vmlog.realm.RealmException.Reason;

/** Which listener gets a connection, and what becomes of one that nobody takes. */
@Timeout(60)
final class RealmBrokerTest {
  @TempDir Path folder;

  private BrokerFixture broker;

  @BeforeEach
  void start() throws Exception {
    broker = new BrokerFixture(folder);
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
  }

  @Test
  void openSink_takenRoot_handsOverWhoItIsAndTheOtherEnd() throws Exception {
    broker.createRealm("shop");
    try (Taken root = broker.take("");
        Descriptor client = broker.openSink("shop/cart")) {
      Taken.Connection connection = root.next();
      assertThat(connection.component()).isEqualTo(component("shop/cart"));
      StreamSocketFixture.write(client, "hello");
      client.close();
      assertThat(StreamSocketFixture.readToEnd(connection.server())).isEqualTo("hello");
    }
  }

  @Test
  void openSink_nearestTakenRealm_winsAndSeesAPathFromItself() throws Exception {
    broker.createRealm("a");
    broker.createRealm("a/b");
    broker.createRealm("a/b/c");
    try (Taken root = broker.take("");
        Taken b = broker.take("a/b")) {
      List<Descriptor> clients =
          List.of(
              broker.openSink("a/b/c/deep"),
              broker.openSink("a/b/own"),
              broker.openSink("a/above"));
      assertThat(b.nextMoniker()).isEqualTo("c/deep");
      assertThat(b.nextMoniker()).isEqualTo("own");
      assertThat(root.nextMoniker()).isEqualTo("a/above");
      assertThat(root.isEmpty()).isTrue();
      clients.forEach(Descriptor::closeQuietly);
    }
  }

  @Test
  void openSink_untakenChild_fallsToItsParentWithALongerPath() throws Exception {
    broker.createRealm("a");
    broker.createRealm("a/b");
    try (Taken root = broker.take("")) {
      try (Taken b = broker.take("a/b")) {
        broker.openSink("a/b/one").closeQuietly();
        assertThat(b.nextMoniker()).isEqualTo("one");
      }
      broker.awaitFree("a/b", LOG_CONNECTIONS);
      broker.openSink("a/b/two").closeQuietly();
      assertThat(root.nextMoniker()).isEqualTo("a/b/two");
    }
  }

  @Test
  void openSink_beforeTheTake_waitsWithItsBytesAndInOrder() throws Exception {
    for (int i = 0; i < 50; i++) {
      try (Descriptor client = broker.call(() -> broker.broker.openSink(anyRealm("queue/early")))) {
        StreamSocketFixture.write(client, "message " + 1);
        StreamSocketFixture.write(client, ", message " + 2);
      }
    }
    assertThat(broker.status("", LOG_CONNECTIONS).waiting()).isEqualTo(50);

    try (Taken root = broker.take("")) {
      for (int i = 0; i < 50; i++) {
        Taken.Connection connection = root.next();
        assertThat(connection.component()).isEqualTo(component("queue/early"));
        assertThat(StreamSocketFixture.readToEnd(connection.server()))
            .isEqualTo("message 1, message 2");
      }
    }
    assertThat(broker.status("", LOG_CONNECTIONS).waiting()).isZero();
  }

  @Test
  void openSink_noMoreMayWait_isRefused() throws Exception {
    List<Descriptor> clients = new ArrayList<>();
    for (int i = 0; i < BrokerFixture.LIMITS.waiting(); i++) {
      clients.add(broker.call(() -> broker.broker.openSink(anyRealm("one"))));
    }
    assertRefused(
        () -> broker.broker.openSink(anyRealm("another")),
        Reason.LIMIT,
        "60 connections wait for a listener; allowed are 60, and 16 of one sink with a path");
    assertThat(broker.broker.counters().refused().value()).isEqualTo(1);
    broker.take("").close();
    clients.forEach(Descriptor::closeQuietly);
  }

  @Test
  void openSink_ofAComponentThatUsesNone_isRefused() {
    assertRefused(
        () -> broker.broker.openSink(new SinkRequest(component("quiet"), false, true)),
        Reason.NOT_USED,
        "quiet is not said to use a sink (use_log_sink), so it is offered none");
  }

  @Test
  void openSink_unknownRealm_isRefusedUnlessAnyWillDo() throws Exception {
    assertRefused(
        () -> broker.broker.openSink(BrokerFixture.uses("nowhere/at/all")),
        Reason.NO_SUCH_REALM,
        "there is no realm nowhere/at");
    try (Taken root = broker.take("")) {
      broker.call(() -> broker.broker.openSink(anyRealm("nowhere/at/all"))).closeQuietly();
      assertThat(root.nextMoniker()).isEqualTo("nowhere/at/all");
    }
  }

  @Test
  void take_takenListener_isEmptyAndTheFirstTakerGoesOn() throws Exception {
    try (Taken first = broker.take("")) {
      assertThat(broker.call(() -> broker.broker.take(RealmPath.HERE, LOG_CONNECTIONS))).isEmpty();
      broker.call(() -> broker.broker.openSink(anyRealm("cart"))).closeQuietly();
      assertThat(first.nextMoniker()).isEqualTo("cart");
    }
  }

  @Test
  void take_afterTheTakerDied_hasWhatItWasNotHandedYet() throws Exception {
    Taken first = broker.take("");
    int opened = 0;
    while (broker.status("", LOG_CONNECTIONS).waiting() < 3) {
      String moniker = "component-" + opened++;
      broker.call(() -> broker.broker.openSink(anyRealm(moniker))).closeQuietly();
    }
    first.close();
    broker.awaitFree("", LOG_CONNECTIONS);
    assertThat(broker.status("", LOG_CONNECTIONS).waiting()).isEqualTo(3);
    try (Taken second = broker.take("")) {
      for (int i = opened - 3; i < opened; i++) {
        assertThat(second.nextMoniker()).isEqualTo("component-" + i);
      }
    }
  }

  @Test
  void openSink_takerDiedUnnoticed_fallsToTheParentAtOnce() throws Exception {
    broker.createRealm("a");
    try (Taken root = broker.take("")) {
      for (int round = 0; round < 20; round++) {
        broker.take("a").close(); // the broker may or may not have seen that yet
        broker.openSink("a/one").closeQuietly();
        assertThat(root.nextMoniker()).isEqualTo("a/one");
        broker.awaitFree("a", LOG_CONNECTIONS);
      }
    }
  }

  @Test
  void destroyRealm_takenListener_endsItAndWhatItLeftFallsToTheParent() throws Exception {
    broker.createRealm("a");
    broker.createRealm("a/b");
    try (Taken root = broker.take("");
        Taken b = broker.take("a/b")) {
      int opened = 0;
      while (broker.status("a/b", LOG_CONNECTIONS).waiting() == 0) {
        broker.openSink("a/b/component-" + opened++).closeQuietly();
      }
      broker.destroyRealm("a");
      assertThat(root.nextMoniker()).isEqualTo("a/b/component-" + (opened - 1));
      for (int i = 0; i < opened - 1; i++) {
        assertThat(b.nextMoniker()).isEqualTo("component-" + i);
      }
      assertThat(b.isAtItsEnd()).isTrue();
    }
    assertRefused(
        () -> broker.broker.openSink(BrokerFixture.uses("a/b/late")),
        Reason.NO_SUCH_REALM,
        "there is no realm a/b");
  }

  /** As when its events alone are taken, with the connector disabled. */
  @Test
  void openSink_noConnectorButEventsTaken_isDeliveredAsAnEvent() throws Exception {
    broker.createRealm("a");
    broker.openSink("a/early").closeQuietly();
    try (Taken events = broker.take("", EVENTS)) {
      assertThat(events.nextMoniker()).isEqualTo("a/early");
      broker.openSink("a/late").closeQuietly();
      assertThat(events.nextMoniker()).isEqualTo("a/late");
      try (Taken connections = broker.take("")) {
        broker.openSink("a/last").closeQuietly();
        assertThat(connections.nextMoniker()).isEqualTo("a/last");
      }
    }
  }

  @Test
  void endLease_realmMadeAnewByAnother_leavesItAlone() throws Exception {
    Optional<String> first = Optional.of("first");
    broker.call(
        () -> {
          RealmPath path = RealmPath.parse("a");
          broker.broker.createRealm(path, Optional.empty(), first);
          broker.broker.destroyRealm(path);
          broker.broker.createRealm(path, Optional.empty(), Optional.of("second"));
          broker.broker.createRealm(RealmPath.parse("a/b"), Optional.empty(), first);
          broker.broker.endLease("first");
          return null;
        });
    assertThat(realms()).containsExactly("", "a");
    broker.call(
        () -> {
          broker.broker.endLease("second");
          return null;
        });
    assertThat(realms()).containsExactly("");
  }

  private List<String> realms() throws Exception {
    return broker.call(broker.broker::status).stream()
        .map(status -> status.path().toString())
        .toList();
  }

  @Test
  void createRealm_sameLabelAmongSiblings_isRefused() throws Exception {
    broker.createRealm("a");
    broker.createRealm("b");
    broker.createRealm("a/b");
    assertRefused(
        () -> {
          broker.broker.createRealm(RealmPath.parse("a/b"), Optional.empty(), Optional.empty());
          return null;
        },
        Reason.REALM_EXISTS,
        "there is a realm a/b already");
  }

  @Test
  void createRealm_tooMany_isRefusedUntilOneIsDestroyed() throws Exception {
    for (int i = 0; i < BrokerFixture.LIMITS.realms(); i++) {
      broker.createRealm("realm-" + i);
    }
    assertRefused(
        () -> {
          broker.broker.createRealm(RealmPath.parse("another"), Optional.empty(), Optional.empty());
          return null;
        },
        Reason.LIMIT,
        "there are 100 realms; allowed are 100");
    broker.destroyRealm("realm-7");
    broker.createRealm("another");
  }

  @Test
  void destroyRealm_root_isRefused() {
    assertRefused(
        () -> {
          broker.broker.destroyRealm(RealmPath.HERE);
          return null;
        },
        Reason.INVALID,
        "the root realm cannot be destroyed");
  }

  private static SinkRequest anyRealm(String moniker) {
    return new SinkRequest(component(moniker), true, true);
  }

  private void assertRefused(Callable<?> call, Reason reason, String message) {
    assertThatThrownBy(() -> broker.call(call))
        .isInstanceOfSatisfying(RealmException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessage(message);
  }
}
