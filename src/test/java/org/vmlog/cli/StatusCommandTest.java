package org.vmlog.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.platform.Amount;
import org.vmlog.platform.StreamSocket;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.realm.SinkRequest;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;
import picocli.CommandLine;

/** {@code vmlog status} as people type it, against a real forwarder on a real bus. */
final class StatusCommandTest {
  private record Run(int code, String out, String err) {}

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
    host =
        new TestHost(folder)
            .with("[dbus]\naddress = \"" + bus.address() + "\"")
            .with("[limits]\nmax_records = 10")
            .with(
                "[[vm]]\nowner = \"alice\"\nname = \"web-1\"\ncid = 42\nhybrid_vsock = \""
                    + folder
                    + "/fc/v.sock\"")
            .withVm("alice", "quiet");
  }

  @AfterEach
  void stopBus() {
    bus.close();
  }

  @Test
  void status_ofAVm_isACardOfAllThereIs() throws Exception {
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      logSomething(guest);

      Run card = run("alice/web-1");

      assertThat(card.err()).isEmpty();
      assertThat(card.out().lines())
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("alice/web-1"),
              line -> assertThat(line).matches("  live +since \\d{4}-.*, generation \\d+"),
              line -> assertThat(line).matches("  cid +42"),
              line -> assertThat(line).matches("  claimed by +configuration"),
              line -> assertThat(line).matches("  log +/.*/alice/web-1.log"),
              line -> assertThat(line).matches("  doors +/.*/run/vm/alice/web-1.grpc"),
              line -> assertThat(line).matches(" +/.*/run/vm/alice/web-1.journal"),
              line -> assertThat(line).matches(" +/.*/run/vm/alice/web-1.syslog"),
              line -> assertThat(line).matches(" +/.*/run/vm/alice/web-1.console"),
              line -> assertThat(line).matches(" +/.*/run/vm/alice/web-1.lsock"),
              line ->
                  assertThat(line)
                      .matches(" +hybrid vsock .*/fc/v.sock, not open: .*/fc: is missing; .*"),
              line -> assertThat(line).matches("  last written +\\d{4}-.*"),
              line -> assertThat(line).matches("  connections +1 open, 1 in all"),
              line -> assertThat(line).matches("  written +14 records, 448 B"),
              line -> assertThat(line).matches("    err +1 record, 32 B"),
              line -> assertThat(line).matches("    info +13 records, 416 B"),
              line -> assertThat(line).matches("  dropped +1 too-many-records"),
              line -> assertThat(line).matches("  refused +1 malformed"));
      assertThat(run("web-1").out()).isEqualTo(card.out());
      assertThat(run("web-9").err())
          .isEqualTo("no VM web-9 is live; OWNER/web-9 names one that was lately\n");
      String json = run("alice/web-1", "-o", "json").out();
      assertThat(json)
          .startsWith("{\"owner\":\"alice\",\"name\":\"web-1\",\"live\":true,")
          .contains(
              "\"connections_opened\":1,\"connections_open\":1,",
              "\"records\":{\"emerg\":0,\"alert\":0,\"crit\":0,\"err\":1,",
              "\"info\":13,\"debug\":0}",
              "\"dropped\":{\"too-many-records\":1},\"refused\":{\"malformed\":1},",
              "\"last_written\":")
          .endsWith("}\n");
    }
  }

  @Test
  void status_ofAll_isALineForEachLiveVmAndTheCounters() throws Exception {
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      logSomething(guest);

      Run all = run();

      assertThat(all.err()).isEmpty();
      assertThat(all.out().lines())
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .matches("VM +CONNECTIONS  RECORDS  BYTES  DROPPED  REFUSED  LAST WRITTEN"),
              line -> assertThat(line).matches("alice/web-1  1 +14 +448 B  1 +1 +\\d{4}-.*"),
              line -> assertThat(line).matches("alice/quiet  0 +0 +0 B +0 +0 +-"),
              line -> assertThat(line).isEmpty(),
              line -> assertThat(line).matches("connections +1"),
              line -> assertThat(line).matches("datagrams +1"),
              line -> assertThat(line).matches("vms opened +2"),
              line -> assertThat(line).matches("requests refused +1 malformed"));
      List<String> json = run("--output=json").out().lines().toList();
      assertThat(json).hasSize(3);
      assertThat(json.get(0)).startsWith("{\"owner\":\"alice\",\"name\":\"web-1\",\"cid\":42,");
      assertThat(json.get(2))
          .startsWith("{\"connections\":1,\"connections_anonymous\":0,")
          .contains("\"requests_refused\":{\"malformed\":1,", "\"unknown_cids\":[]");
    }
  }

  @Test
  void status_aShipperReadsTheLogs_saysHowThatGoes() throws Exception {
    Path report = Files.createDirectories(folder.resolve("ship")).resolve("status");
    Files.writeString(
        report,
        """
        engine kafka kafka-1:9092, topic vmlog
        state topic-missing
        detail no such topic
        logs 2
        behind_bytes 2048
        records 7
        bytes 815
        gaps 1
        gap_bytes 17
        """);
    String[] status = {"--ship-state", report.getParent().toString()};
    try (ForwarderProcess forwarder = host.start()) {
      assertThat(run(status).out())
          .endsWith(
              """

              shipping to  kafka kafka-1:9092, topic vmlog
              state        topic-missing: no such topic
              behind       2.0 KiB in 2 logs
              shipped      7 records, 815 B, since its start
              gaps         1, of 17 B
              """);
      assertThat(run("--ship-state", report.getParent().toString(), "-o", "json").out())
          .contains("{\"shipping\":{\"engine\":\"kafka kafka-1:9092, topic vmlog\",")
          .endsWith("\"gap_bytes\":17,\"alive\":true}}\n");
      Files.setLastModifiedTime(report, FileTime.from(Instant.parse("2026-11-21T00:00:00Z")));
      assertThat(run(status).out())
          .containsPattern("state +vmlog-ship does not run; at 2026-11-2.* it was topic-missing: ");
    }
  }

  @Test
  void status_ofAUser_isACardWithoutWhatAVmHas() throws Exception {
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.forwarderSocket())) {
      assertThat(run("@host/" + uid).err()).isEqualTo("@host/" + uid + " has not logged lately\n");
      guest.send(Guest.Method.USER, request(LogSeverity.INFO, 2));

      assertThat(run("@host/" + uid).out().lines())
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("@host/" + uid),
              line -> assertThat(line).matches("  last written +\\d{4}-.*"),
              line -> assertThat(line).matches("  connections +1 open, 1 in all"),
              line -> assertThat(line).matches("  written +2 records, .*"),
              line -> assertThat(line).matches("    info +2 records, .*"),
              line -> assertThat(line).matches("  dropped +none"),
              line -> assertThat(line).matches("  refused +none"));
    }
  }

  @Test
  void status_ofAComponent_isWhatItSentByBothWays() throws Exception {
    try (RealmDaemon broker = Realms.broker(bus, folder);
        ForwarderProcess forwarder = host.start();
        RealmsClient launcher = RealmsClient.connect(bus.address())) {
      SinkRequest cart = Realms.component("shop/eu/cart", "1");
      Realms.say(launcher, cart, "hello");
      Realms.say(StreamSocket.connect(launcher.provideSink(cart)), "hello again");

      assertThat(run("@realms/shop/eu/cart").out())
          .startsWith("@realms/shop/eu/cart\n")
          .containsPattern("connections +\\d open, 2 in all\n +written +2 records, ");
      assertThat(run("@realms/shop/eu/cart", "-o", "json").out())
          .startsWith("{\"name\":\"@realms/shop/eu/cart\",\"connections_opened\":2,");
      assertThat(run("@realms/cart").code()).isEqualTo(66);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"web-1/", "@host/me", "@host/4294967296", "@realms/", "@realms//cart"})
  void status_ofNothingThatCouldBe_isWrongUsage(String name) {
    assertThat(run(name).code()).isEqualTo(64);
  }

  @Test
  void status_ofNoVm_saysSo() throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      Run none = run("alice/no\u001b");
      assertThat(none.code()).isEqualTo(66);
      assertThat(none.err())
          .isEqualTo(
              "no VM alice/no#033 has been live lately; vmlog vm list shows those that are\n");
    }
  }

  @Test
  void status_ofAVmThatHasStopped_goesOnWithTheNextStart() throws Exception {
    try (ForwarderProcess forwarder = host.start()) {
      for (int start = 1; start <= 2; start++) {
        assertThat(vmlog("vm", "start", "bob/db").code()).isZero();
        try (Guest guest = Guest.on(host.grpcSocket("bob", "db"))) {
          guest.send(Guest.Method.USER, request(LogSeverity.INFO, 1));
        }
        assertThat(vmlog("vm", "stop", "bob/db").code()).isZero();

        Run card = run("bob/db");

        assertThat(card.out().lines().skip(1).findFirst().orElseThrow()).matches("  live +no");
        assertThat(card.out()).contains(", " + start + " in all\n");
        assertThat(card.out()).containsPattern("written +" + start + " record");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "10240, 10 KiB",
    "1258291, 1.2 MiB",
    "9223372036854775807, 8.0 EiB"
  })
  void bytes_areShownShortly(long bytes, String text) {
    assertThat(Amount.bytes(bytes)).isEqualTo(text);
  }

  /**
   * Fourteen records that are written, one over the limit that is counted, and a request that is
   * malformed.
   */
  private void logSomething(Guest guest) throws Exception {
    guest.send(Guest.Method.USER, request(LogSeverity.ERROR, 1));
    guest.send(Guest.Method.USER, request(LogSeverity.INFO, 2));
    guest.send(Guest.Method.USER, request(LogSeverity.INFO, 11));
    RawCall malformed = RawCall.start(guest, Guest.Method.USER, Map.of());
    malformed.send(new byte[] {0x0a, 5, 1}).halfClose();
    assertThat(malformed.status().isOk()).isFalse();
    try (Vmm vmm = Vmm.on(host.datagramSocket("alice", "web-1"))) {
      vmm.say("<14>Jan  1 00:00:07 hello");
    }
    Await.until(
        "all is counted",
        () -> {
          String json = run("alice/web-1", "-o", "json").out();
          return json.contains("\"info\":13") && json.contains("\"malformed\":1");
        });
  }

  private static byte[] request(LogSeverity severity, int records) {
    LogRequest.Builder request = LogRequest.newBuilder();
    for (int i = 0; i < records; i++) {
      request.addRecords(Guest.record(severity, 7, "hello".getBytes(StandardCharsets.UTF_8)));
    }
    return request.build().toByteArray();
  }

  private Run run(String... arguments) {
    List<String> line = new ArrayList<>(List.of("status"));
    line.addAll(List.of(arguments));
    return vmlog(line.toArray(String[]::new));
  }

  private Run vmlog(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(List.of("--bus", bus.address()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine vmlog = VmlogCommand.commandLine(Session.ofProcess());
    vmlog.setOut(new PrintWriter(out, true));
    vmlog.setErr(new PrintWriter(err, true));
    int code = vmlog.execute(line.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }
}
