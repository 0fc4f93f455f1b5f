package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.testing.Await;
import org.vmlog.testing.FakeConcierge;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.GuestModel;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.TestHost;

/** The forwarder ends and is started again, and its VMs do not. */
final class RestartTest {
  private static final Pattern LIVE = Pattern.compile("VM (\\S+) (\\(CID .*\\)) is live");
  private static final List<String> ANNOUNCED = List.of("web-1", "web-2", "web-3", "web-4");
  private static final List<String> CONFIGURED = List.of("db-1", "db-2");
  private static final int FIRST_CID = 42;
  private static final Duration FLUSH = Duration.ofMillis(20);

  @TempDir Path folder;

  private PrivateBus bus;
  private TestHost host;

  @BeforeAll
  static void needsDbusDaemon() {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
  }

  @BeforeEach
  void startBus() throws Exception {
    bus = PrivateBus.create().start();
    host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIGTERM", "SIGKILL"})
  void restart_underLoad_keepsEveryVmsFileSocketsAndGeneration(String signal) throws Exception {
    for (String name : CONFIGURED) {
      host.withVm("alice", name);
    }
    List<Guest> connections = new ArrayList<>();
    Map<String, GuestModel> guests = new LinkedHashMap<>();
    try {
      Map<String, String> before;
      try (ForwarderProcess forwarder = host.start()) {
        announce(forwarder);
        before = live(forwarder);
        assertThat(before).hasSize(ANNOUNCED.size() + CONFIGURED.size());
        for (String name : names()) {
          Guest guest = Guest.on(host.grpcSocket("alice", name));
          connections.add(guest);
          guests.put(name, new GuestModel(guest, Guest.Method.USER, FLUSH));
        }
        logUntilAcknowledged(guests, forwarder, 300);
        guests.forEach((name, guest) -> say(name, guest, 100)); // under way when it ends
        if (signal.equals("SIGTERM")) {
          assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
        } else {
          forwarder.kill();
        }
      }
      guests.forEach((name, guest) -> say(name, guest, 100));

      try (ForwarderProcess forwarder = host.start()) {
        for (String name : names()) {
          assertThat(host.grpcSocket("alice", name)).exists();
          assertThat(host.datagramSocket("alice", name)).exists();
        }
        assertThat(live(forwarder)).isEqualTo(before);
        assertThat(forwarder.log().lastIndexOf(" is live"))
            .as("before anybody can be taken for another")
            .isLessThan(forwarder.log().indexOf("listening on"))
            .isLessThan(forwarder.log().indexOf("\nready"));
        logUntilAcknowledged(guests, forwarder, 300);
        assertThat(forwarder.terminate()).as(forwarder.log()).isZero();
      }
    } finally {
      guests.values().forEach(GuestModel::close);
      connections.forEach(Guest::close);
    }
    for (String name : names()) {
      assertHasAllOfItsOwn(name, guests.get(name).acknowledged());
    }
  }

  @Test
  void restart_inAnotherBoot_forgetsTheAnnouncedVms() throws Exception {
    host.withVm("alice", "db-1");
    try (ForwarderProcess forwarder = host.start()) {
      announce(forwarder);
      assertThat(forwarder.terminate()).isZero();
    }
    pretendAnotherBoot();

    try (ForwarderProcess forwarder = host.start()) {
      assertThat(host.grpcSocket("alice", "db-1")).exists();
      assertThat(host.grpcSocket("alice", "web-1")).doesNotExist();
      forwarder.awaitLog("the host was booted since; 5 VMs are forgotten");
      assertThat(live(forwarder)).containsOnlyKeys("alice/db-1");
    }
  }

  @Test
  void restart_withADamagedStateFile_setsItAsideAndGoesOn() throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      announce(forwarder);
      forwarder.kill();
    }
    Files.writeString(state(), Files.readString(state()).replace("cid=42", "cid=43"));

    try (ForwarderProcess forwarder = host.start();
        FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      forwarder.awaitLog("is not a state file of this version");
      assertThat(state().resolveSibling("vms.unreadable")).content().contains("cid=43");
      concierge.vmStartingUp("alice", "web-1", FIRST_CID);
      forwarder.awaitLog("VM alice/web-1 (CID 42, generation 1) is live");
    }
  }

  @Test
  void restart_cidConfiguredForAnotherMeanwhile_isTheConfigurations() throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      announce(forwarder);
      assertThat(forwarder.terminate()).isZero();
    }
    host.with("[[vm]]\nowner = \"alice\"\nname = \"static\"\ncid = 42");

    try (ForwarderProcess forwarder = host.start()) {
      forwarder.awaitLog(
          "VM refused: alice/web-1 cannot have CID 42, which is alice/static's by configuration");
      assertThat(host.grpcSocket("alice", "static")).exists();
      assertThat(host.grpcSocket("alice", "web-1")).doesNotExist();
      assertThat(host.grpcSocket("alice", "web-2")).exists();
    }
  }

  @Test
  void start_stateFolderThatCannotBeUsed_saysSoAndGoesOn() throws Exception {
    Files.writeString(folder.resolve("file"), "");
    host.with("[state]\ndirectory = \"" + folder.resolve("file/state") + "\"");

    try (ForwarderProcess forwarder = host.start()) {
      forwarder.awaitLog("VMs will not be remembered across a restart: ");
      announceOnly(forwarder);
      assertThat(forwarder.terminate()).isZero();
    }
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>(CONFIGURED);
    names.addAll(ANNOUNCED);
    return names;
  }

  /** Returns when the VMs are live and remembered; concierge is gone by then. */
  private void announce(ForwarderProcess forwarder) throws Exception {
    announceOnly(forwarder);
    Await.until(
        "the VMs are remembered",
        () -> {
          String saved = Files.exists(state()) ? Files.readString(state()) : "";
          return ANNOUNCED.stream().allMatch(name -> saved.contains("vm alice " + name + " "));
        },
        forwarder::log);
  }

  private void announceOnly(ForwarderProcess forwarder) throws Exception {
    forwarder.awaitLog(" is there");
    try (FakeConcierge concierge = FakeConcierge.start(bus.address())) {
      for (int i = 0; i < ANNOUNCED.size(); i++) {
        concierge.vmStartingUp("alice", ANNOUNCED.get(i), FIRST_CID + i);
      }
      for (String name : ANNOUNCED) {
        forwarder.awaitLog("VM alice/" + name + " (CID ");
      }
    }
  }

  private Path state() {
    return folder.resolve("state/vms");
  }

  /** By VM, its CID and generation. */
  private static Map<String, String> live(ForwarderProcess forwarder) {
    return LIVE.matcher(forwarder.log())
        .results()
        .collect(Collectors.toMap(found -> found.group(1), (MatchResult found) -> found.group(2)));
  }

  private void pretendAnotherBoot() throws IOException {
    String saved = Files.readString(state()).replaceFirst("boot \\S+", "boot another");
    String body = saved.substring(0, saved.lastIndexOf("crc32c"));
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(US_ASCII));
    Files.writeString(state(), "%scrc32c %08x\n".formatted(body, crc.getValue()));
  }

  private static void say(String name, GuestModel guest, int records) {
    for (int i = 0; i < records; i++) {
      guest.log("said by " + name);
    }
  }

  private static void logUntilAcknowledged(
      Map<String, GuestModel> guests, ForwarderProcess forwarder, int records) {
    guests.forEach((name, guest) -> say(name, guest, records));
    Await.until(
        "everything is acknowledged",
        () -> guests.values().stream().allMatch(guest -> guest.acknowledged() == guest.logged()),
        forwarder::log);
  }

  /** In order; a line may be there again after a kill, or when its answer was lost. */
  private void assertHasAllOfItsOwn(String name, int records) throws IOException {
    Path log = host.log("alice", name);
    Set<String> speakers = new TreeSet<>();
    LogFiles.forEachLine(log, line -> speakers.add(line.replaceFirst(" \\d+$", "")));
    assertThat(speakers).containsExactly("<14>Jan  1 00:00:07 " + name + " said by " + name);
    assertThat(new LinkedHashSet<>(LogFiles.numbers(log)))
        .containsExactlyElementsOf(IntStream.range(0, records).boxed().toList());
  }
}
