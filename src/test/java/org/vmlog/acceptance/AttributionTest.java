package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.vmlog.testing.Realms.component;
import static org.vmlog.testing.Realms.say;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.identity.ComponentId;
import org.vmlog.lifecycle.dbus.ForwarderClient;
import org.vmlog.platform.Descriptor;
import org.vmlog.platform.StreamSocket;
import org.vmlog.realm.SinkRequest;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;
import org.vmlog.wire.SinkClient;

/**
 * Components log through a broker on a real bus, over descriptors that are really passed, and a
 * forwarder writes each to its own file. One forwarder for all of these tests, each with realms of
 * its own.
 */
@Timeout(120)
final class AttributionTest {
  @TempDir static Path folder;

  private static PrivateBus bus;
  private static TestHost host;
  private static RealmDaemon broker;
  private static ForwarderProcess forwarder;
  private static RealmsClient launcher;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
    broker = Realms.broker(bus, folder);
    forwarder = host.start();
    forwarder.awaitLog("listening to the broker of realms (connections of realm /)");
    forwarder.awaitLog("listening to the broker of realms (events of realm /)");
    launcher = RealmsClient.connect(bus.address());
  }

  @AfterAll
  static void stop() {
    if (launcher != null) {
      launcher.close();
      forwarder.close();
      broker.close();
      bus.close();
    }
  }

  @Test
  void line_ofAComponent_isInTheFileOfItsMonikerUnderItsName() throws Exception {
    say(launcher, component("shop/eu/cart", "1"), "hello", " padded");
    assertThat(LogFiles.lines(host.componentLog("shop/eu/cart")))
        .containsExactly("<14>Jan  1 00:00:07 cart hello", "<14>Jan  1 00:00:07 cart padded");
  }

  @Test
  void line_ofAComponentInTheRoot_isInAFileWithoutAFolderForARealm() throws Exception {
    say(launcher, component("init", "1"), "hello");
    assertThat(LogFiles.lines(host.componentLog("init")))
        .containsExactly("<14>Jan  1 00:00:07 init hello");
  }

  @Test
  void fiftySinks_withFiveMessagesEach_areTwoHundredAndFiftyLines() throws Exception {
    List<SinkClient> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(Realms.client(launcher.openSink(component("fifty/component-" + i, "1"))));
    }
    for (int message = 0; message < 5; message++) {
      for (SinkClient client : clients) {
        client.collect(Realms.request("message " + message)).get();
      }
    }
    clients.forEach(SinkClient::close);
    int lines = 0;
    for (int i = 0; i < 50; i++) {
      Path log = host.componentLog("fifty/component-" + i);
      assertThat(LogFiles.numbers(log)).containsExactly(0, 1, 2, 3, 4);
      lines += LogFiles.lines(log).size();
    }
    assertThat(lines).isEqualTo(250);
  }

  // Two streams, six cases: by connections (C) or events (E), of one identity or of two.

  @Test
  void twoStreams_sameIdentityBothByConnections_areOneLog() throws Exception {
    say(launcher, component("six/cc", "1"), "message 1");
    say(launcher, component("six/cc", "1"), "message 2");
    assertThat(LogFiles.numbers(host.componentLog("six/cc"))).containsExactly(1, 2);
    assertCounted("six/cc", 2);
  }

  @Test
  void twoStreams_sameIdentityBothByEvents_areOneLog() throws Exception {
    sayByPath(component("six/ee", "1"), "message 1");
    sayByPath(component("six/ee", "1"), "message 2");
    assertThat(LogFiles.numbers(host.componentLog("six/ee"))).containsExactly(1, 2);
    assertCounted("six/ee", 2);
  }

  @Test
  void twoStreams_sameIdentityByBothPaths_areOneLog() throws Exception {
    say(launcher, component("six/ce", "1"), "message 1");
    sayByPath(component("six/ce", "1"), "message 2");
    assertThat(LogFiles.numbers(host.componentLog("six/ce"))).containsExactly(1, 2);
    assertCounted("six/ce", 2);
  }

  @Test
  void twoStreams_differentIdentitiesBothByConnections_areTwoLogs() throws Exception {
    say(launcher, component("six/c-one", "1"), "message 1");
    say(launcher, component("six/c-two", "1"), "message 2");
    assertThat(LogFiles.numbers(host.componentLog("six/c-one"))).containsExactly(1);
    assertCounted("six/c-one", 1);
    assertThat(LogFiles.numbers(host.componentLog("six/c-two"))).containsExactly(2);
    assertCounted("six/c-two", 1);
  }

  @Test
  void twoStreams_differentIdentitiesBothByEvents_areTwoLogs() throws Exception {
    sayByPath(component("six/e-one", "1"), "message 1");
    sayByPath(component("six/e-two", "1"), "message 2");
    assertThat(LogFiles.numbers(host.componentLog("six/e-one"))).containsExactly(1);
    assertCounted("six/e-one", 1);
    assertThat(LogFiles.numbers(host.componentLog("six/e-two"))).containsExactly(2);
    assertCounted("six/e-two", 1);
  }

  @Test
  void twoStreams_differentIdentitiesByBothPaths_areTwoLogs() throws Exception {
    say(launcher, component("six/c-three", "1"), "message 1");
    sayByPath(component("six/e-three", "1"), "message 2");
    assertThat(LogFiles.numbers(host.componentLog("six/c-three"))).containsExactly(1);
    assertCounted("six/c-three", 1);
    assertThat(LogFiles.numbers(host.componentLog("six/e-three"))).containsExactly(2);
    assertCounted("six/e-three", 1);
  }

  @Test
  void fiftyStarts_ofOneMoniker_loseNothing() throws Exception {
    List<Integer> expected = IntStream.range(0, 50).boxed().toList();
    for (int round : expected) {
      say(launcher, component("rounds/cart", Integer.toString(round)), "round " + round);
    }
    assertThat(LogFiles.numbers(host.componentLog("rounds/cart"))).isEqualTo(expected);
  }

  @Test
  void fiftyStarts_thatAllCrashAfterTheirFirstWords_loseNothing() throws Exception {
    for (int round = 0; round < 50; round++) {
      // Without an instance id, so that all fifty may be there at a time as one and the same.
      Realms.sayAndCrash(launcher, component("crashes/cart", ""), "round " + round);
    }
    Path log = host.componentLog("crashes/cart");
    Await.until("all have been heard", () -> LogFiles.lines(log).size() == 50);
    assertThat(LogFiles.numbers(log))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 50).boxed().toList());
  }

  @Test
  void linesBeforeACrash_survive() throws Exception {
    Realms.sayAndCrash(launcher, component("crash/cart", "1"), "one 1", "two 2", "three 3");
    Path log = host.componentLog("crash/cart");
    Await.until("its last words are written", () -> LogFiles.lines(log).size() == 3);
    assertThat(LogFiles.numbers(log)).containsExactly(1, 2, 3);
  }

  @Test
  void logging_afterTheLauncherHasGone_continues() throws Exception {
    Descriptor sink;
    try (RealmsClient another = RealmsClient.connect(bus.address())) {
      sink = another.openSink(component("orphan/cart", "1"));
    }
    say(sink, "still here 1", "and here 2");
    assertThat(LogFiles.numbers(host.componentLog("orphan/cart"))).containsExactly(1, 2);
  }

  @Test
  void monikers_thatWouldBeTheSameFile_areTwo() throws Exception {
    say(launcher, component("clash/x.log/y", "1"), "in a realm 1");
    say(launcher, component("clash/x", "1"), "a component 2");
    say(launcher, component("clash/..%2F/../up", "1"), "not up 3");
    Path realms = folder.resolve("logs/@realms/clash");
    assertThat(LogFiles.numbers(realms.resolve("x%2Elog/y.log"))).containsExactly(1);
    assertThat(LogFiles.numbers(realms.resolve("x.log"))).containsExactly(2);
    assertThat(LogFiles.numbers(realms.resolve("%2E%2E%252F/%2E%2E/up.log"))).containsExactly(3);
  }

  @Test
  void realm_fiftyDeepWithTheLongestLabels_hasAFile() throws Exception {
    String deep = ("é".repeat(16) + "/").repeat(50);
    say(launcher, component(deep + "n".repeat(255), "1"), "deep 1");
    try (var files = java.nio.file.Files.walk(folder.resolve("logs/@realms"), 2)) {
      assertThat(files.map(path -> path.getParent().getFileName() + "/" + path.getFileName()))
          .anyMatch(name -> name.matches("~[0-9a-f]{16}/n{183}~[0-9a-f]{16}\\.log"));
    }
  }

  @Test
  void component_thatIsSilentForAWhile_isServedWhenItSpeaks() throws Exception {
    Descriptor silent = launcher.openSink(component("silent/cart", "1"));
    // Others come and go meanwhile.
    for (int i = 0; i < 10; i++) {
      say(launcher, component("silent/other-" + i, "1"), "hello");
    }
    say(silent, "at last 1");
    assertThat(LogFiles.numbers(host.componentLog("silent/cart"))).containsExactly(1);
  }

  /** In one place for both ways: so many connections, each with one record. */
  private static void assertCounted(String moniker, long times) throws Exception {
    try (ForwarderClient client = ForwarderClient.connect(bus.address())) {
      Map<String, Object> statistics = client.statistics(ComponentId.parse(moniker)).orElseThrow();
      assertThat(statistics).containsEntry("connections_opened", times);
      assertThat(statistics.get("records"))
          .isEqualTo(
              Map.of(
                  "emerg", 0L, "alert", 0L, "crit", 0L, "err", 0L, "warning", 0L, "notice", 0L,
                  "info", times, "debug", 0L));
    }
  }

  private static void sayByPath(SinkRequest component, String message) throws Exception {
    Path path = launcher.provideSink(component);
    say(StreamSocket.connect(path), message);
  }
}
