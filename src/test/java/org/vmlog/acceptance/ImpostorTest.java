package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.realm.dbus.RealmDaemon;
import org.vmlog.realm.dbus.RealmsClient;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.PrivateBus;
import org.vmlog.testing.RawCall;
import org.vmlog.testing.Realms;
import org.vmlog.testing.TestHost;
import org.vmlog.testing.Vmm;

/** Nothing that a VM, its VMM or a component says of who it is changes whose lines they are. */
@Timeout(120)
final class ImpostorTest {
  /** What a line of the other one would be, in each format, and some of how others say it. */
  private static final List<String> CLAIMS =
      List.of(
          " db-1 sshd[1]: claimed",
          "<13>Jan  1 00:00:00 db-1 sshd[1]: claimed",
          "<13>1 2026-01-01T00:00:00Z db-1 sshd 1 - [vm@32473 owner=\"alice\" cid=\"43\"] claimed",
          "VM(43): claimed",
          "Jan  1 00:00:00 <13>  VM(43): claimed",
          "claimed\n<13>Jan  1 00:00:00 db-1 sshd[1]: claimed",
          "\u0000\r\nalice/db-1 claimed");

  private static final Map<String, String> HEADERS =
      Map.of(
          "hostname", "db-1",
          "vm-name", "db-1",
          "vm-owner", "alice",
          "vm-cid", "43",
          "x-forwarded-for", "10.0.7.43",
          "forwarded", "for=db-1");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "rfc3164, '<.*>Jan  1 00:00:07 web-1 .*'",
    "rfc5424, '<.*>1 [0-9]{4}-01-01T00:00:07.* web-1 .* \\[vm@32473 owner=\"alice\" cid=\"42\" .*'"
  })
  void vm_thatClaimsToBeAnother_logsAsItself(String format, String line) throws Exception {
    TestHost host =
        new TestHost(folder)
            .with("[logs]\nformat = \"" + format + "\"")
            .with("[crosvm]\nsender = \"relay\"") // or its line would have the time of now
            .with("[[vm]]\nowner = \"alice\"\nname = \"web-1\"\ncid = 42")
            .with("[[vm]]\nowner = \"alice\"\nname = \"db-1\"\ncid = 43");
    Path log = host.log("alice", "web-1");
    int lines = CLAIMS.size() + 3;
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"));
        Vmm vmm = Vmm.on(host.datagramSocket("alice", "web-1"))) {
      for (String claim : CLAIMS) {
        guest.send(Guest.Method.USER, request(claim));
      }
      assertIsOk(RawCall.start(guest, Guest.Method.USER, HEADERS));
      assertIsOk(
          RawCall.start(
              guest, Guest.Method.KERNEL, CallOptions.DEFAULT.withAuthority("db-1.alice")));
      vmm.say("<30>Jan  1 00:00:07 db-1 crosvm[1]: claimed");
      Await.until("all are written", () -> LogFiles.lines(log).size() == lines);
    }
    assertThat(LogFiles.lines(log)).hasSize(lines).allMatch(one -> one.matches(line));
    assertThat(host.log("alice", "db-1")).isEmptyFile();
  }

  private static void assertIsOk(RawCall call) {
    call.send(request("claimed").toByteArray()).halfClose();
    assertThat(call.status().isOk()).isTrue();
  }

  private static LogRequest request(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return LogRequest.newBuilder().addRecords(Guest.record(LogSeverity.INFO, 7, bytes)).build();
  }

  @Test
  void component_thatClaimsToBeAnother_logsAsItself() throws Exception {
    assumeTrue(PrivateBus.isAvailable(), "dbus-daemon is missing (Debian package dbus-daemon)");
    try (PrivateBus bus = PrivateBus.create().start();
        RealmDaemon broker = Realms.broker(bus, folder)) {
      TestHost host = new TestHost(folder).with("[dbus]\naddress = \"" + bus.address() + "\"");
      try (ForwarderProcess forwarder = host.start();
          RealmsClient launcher = RealmsClient.connect(bus.address())) {
        Path socket = launcher.provideSink(Realms.component("shop/web-1", "1"));
        try (Guest component = Guest.on(socket)) {
          for (String claim : CLAIMS) {
            component.send(Guest.Method.USER, request(claim));
          }
          assertIsOk(RawCall.start(component, Guest.Method.USER, HEADERS));
        }
      }
      assertThat(LogFiles.lines(host.componentLog("shop/web-1")))
          .hasSize(CLAIMS.size() + 1)
          .allMatch(line -> line.startsWith("<14>Jan  1 00:00:07 web-1 "));
      try (var files = Files.walk(folder.resolve("logs"))) {
        assertThat(files.map(Path::toString).filter(file -> file.endsWith(".log")))
            .containsExactly(host.componentLog("shop/web-1").toString());
      }
    }
  }
}
