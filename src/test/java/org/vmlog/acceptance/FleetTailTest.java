package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.KafkaBroker;
import org.vmlog.testing.ShipProcess;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.VmlogProcess;

/** {@code vmlog tail --kafka}: guests, forwarders and shippers of two hosts, and a real broker. */
@Timeout(240)
final class FleetTailTest {
  @TempDir Path temp;
  private KafkaBroker broker;
  private String where;
  private String engine;

  @BeforeEach
  void makeTopic(TestInfo test) throws Exception {
    broker = KafkaBroker.shared();
    String topic = "tail-" + test.getTestMethod().orElseThrow().getName();
    broker.createTopic(topic, 3, Map.of());
    where = broker.address() + "/" + topic;
    engine = "[kafka]\nbootstrap = \"%s\"\ntopic = \"%s\"\n".formatted(broker.address(), topic);
  }

  @Test
  void tail_twoHosts_mergedSelectedAndEachRecordOnce() throws Exception {
    TestHost one = host("one");
    TestHost two = host("two");
    try (ForwarderProcess first = one.start();
        ForwarderProcess second = two.start();
        ShipProcess shipOne = ShipProcess.start(one.folder(), "rack1", engine);
        ShipProcess shipTwo = ShipProcess.start(two.folder(), "rack2", engine)) {
      say(one, 1, LogSeverity.INFO, " app[7]: one");
      say(two, 2, LogSeverity.ERROR, " app[7]: two");
      say(one, 3, LogSeverity.INFO, " cron: three");
      say(two, 4, LogSeverity.INFO, " app[7]: four");
      shipOne.awaitStatus("records", "2");
      shipTwo.awaitStatus("records", "2");

      // As after a disaster: all is shipped again.
      shipOne.kill();
      Files.delete(one.folder().resolve("ship/cursors"));
      Files.deleteIfExists(one.folder().resolve("ship/cursors.synced"));
      try (ShipProcess again = ShipProcess.start(one.folder(), "rack1", engine)) {
        again.awaitStatus("records", "2");
      }

      assertThat(tail("-o", "template", "--template", "{host} {vm} {tag}: {message}"))
          .containsExactly(
              "rack1 rack1:alice/web-1 app: one",
              "rack2 rack2:alice/web-1 app: two",
              "rack1 rack1:alice/web-1 cron: three",
              "rack2 rack2:alice/web-1 app: four");
      assertThat(tail()).element(0).asString().endsWith(" rack1:alice/web-1 app[7]: one");
      assertThat(tail("-p", "err", "alice/*")).singleElement().asString().endsWith(": two");
      assertThat(tail("-t", "app", "--host", "rack*", "--host", "!rack2")).hasSize(1);
      assertThat(tail("-g", "t.*o", "-o", "json"))
          .singleElement()
          .asString()
          .contains("\"MESSAGE\":\"two\",\"_HOSTNAME\":\"rack2\",\"VM_OWNER\":\"alice\"");
      assertThat(tail("bob/*")).isEmpty();
      assertThat(tail("--raw"))
          .element(0)
          .asString()
          .contains(" web-1 - - - [vm@32473 owner=\"alice\" name=\"web-1\" channel=\"user\" host=");
    }
  }

  @Test
  void tail_follow_showsWhatComesUntilItIsInterrupted() throws Exception {
    TestHost host = host("one");
    Path config = Files.writeString(temp.resolve("ship.toml"), engine);
    Path shown = temp.resolve("shown");
    try (ForwarderProcess forwarder = host.start();
        ShipProcess ship = ShipProcess.start(host.folder(), "rack1", engine);
        VmlogProcess tail =
            VmlogProcess.startInto(shown, "tail", "-f", "--kafka", config.toString())) {
      for (int i = 0; i < 3; i++) {
        String text = "number " + i;
        say(host, i, LogSeverity.INFO, " app: " + text);
        Await.until(
            text + " is shown",
            () -> Files.readString(shown).contains("rack1:alice/web-1 app: " + text),
            tail::log);
      }
      tail.interrupt();
      assertThat(tail.await()).isZero();
    }
  }

  @Test
  void tail_noSuchTopic_saysSo() throws Exception {
    VmlogProcess tail = VmlogProcess.start("tail", "--kafka", broker.address() + "/nothing");
    assertThat(tail.await()).isEqualTo(74);
    assertThat(tail.log()).startsWith("topic nothing at " + broker.address() + ": topic-missing; ");
  }

  @Test
  void tail_optionsOfFiles_areRefused() throws Exception {
    VmlogProcess lines = VmlogProcess.start("tail", "-n", "5", "--kafka", where);
    assertThat(lines.await()).isEqualTo(64);
    VmlogProcess host = VmlogProcess.start("tail", "--host", "rack1");
    assertThat(host.await()).isEqualTo(64);
    assertThat(host.log()).isEqualTo("--host is for --kafka");
  }

  private TestHost host(String name) throws Exception {
    return new TestHost(Files.createDirectory(temp.resolve(name))).withVm("alice", "web-1");
  }

  private List<String> tail(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of("tail", "--kafka", where, "-S", "2020-01-01"));
    line.addAll(List.of(arguments));
    try (VmlogProcess tail = VmlogProcess.start(line.toArray(String[]::new))) {
      assertThat(tail.await()).as(tail::log).isZero();
      return tail.output().lines().toList();
    }
  }

  private static void say(TestHost host, int second, LogSeverity severity, String text)
      throws Exception {
    try (Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      byte[] request =
          LogRequest.newBuilder()
              .addRecords(Guest.record(severity, 1_772_362_800L + second, text.getBytes(UTF_8)))
              .build()
              .toByteArray();
      guest.send(Guest.Method.USER, request);
    }
  }
}
