package org.vmlog.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.Await;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.Rsyslog;
import org.vmlog.testing.TestHost;

/** What goes to the host's syslog, as a real rsyslogd takes it apart. */
final class SyslogTest {
  @TempDir Path folder;

  @Test
  void anonymousGuest_acrossARestartOfRsyslogd_arrivesWholeAndUnderItsTag() throws Exception {
    InetSocketAddress tcp = TestHost.freeTcpAddress();
    TestHost host = new TestHost(folder).withTcp(tcp).with("[attribution]\ntcp_anonymous = true");
    try (Rsyslog rsyslog = Rsyslog.start(folder.resolve("rsyslog"), host.syslogSocket());
        ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(tcp)) {
      guest.send(Guest.Method.USER, request(LogSeverity.INFO, " sshd[7]: before"));
      guest.send(Guest.Method.KERNEL, request(LogSeverity.EMERGENCY, "panic: \u001b[1m"));
      rsyslog.awaitMessages(2);

      rsyslog.stop();
      Future<byte[]> whileAway =
          guest.sendAsync(
              Guest.Method.USER, request(LogSeverity.INFO, "while it was away").toByteArray());
      rsyslog.restart();
      whileAway.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      guest.send(Guest.Method.USER, request(LogSeverity.DEBUG, "after"));

      assertThat(rsyslog.awaitMessages(4))
          .containsExactly(
              "14|thishost|VM(0):| sshd[7]: before",
              "10|thishost|VM(0):| kernel: panic: #033[1m",
              "14|thishost|VM(0):| while it was away",
              "15|thishost|VM(0):| after");
    }
  }

  @Test
  void copies_acrossARestartOfRsyslogd_areWhatTheFileHas() throws Exception {
    TestHost host =
        new TestHost(folder)
            .with("[logs]\ncopy_to_syslog = true")
            .with("[[vm]]\nowner = \"alice\"\nname = \"web-1\"\ncid = 42");
    List<String> inFile = new ArrayList<>();
    List<String> atSyslog = new ArrayList<>();
    try (Rsyslog rsyslog = Rsyslog.start(folder.resolve("rsyslog"), host.syslogSocket());
        ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      for (int batch = 0; batch < 3; batch++) {
        if (batch == 1) {
          rsyslog.awaitMessages(atSyslog.size());
          rsyslog.stop();
        }
        LogRequest.Builder request = LogRequest.newBuilder();
        for (int i = 0; i < 200; i++) {
          String content = "tag: batch " + batch + " record " + i;
          request.addRecords(Guest.record(7, content));
          inFile.add("<14>Jan  1 00:00:07 web-1 " + content);
          atSyslog.add("14|thishost|VM(42):| " + content);
        }
        guest.send(Guest.Method.USER, request.build());
        if (batch == 1) {
          rsyslog.restart();
        }
      }

      assertThat(rsyslog.awaitMessages(atSyslog.size())).isEqualTo(atSyslog);
      assertThat(LogFiles.lines(host.log("alice", "web-1"))).isEqualTo(inFile);
    }
  }

  private static LogRequest request(LogSeverity severity, String content) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(severity, 7, content.getBytes(StandardCharsets.UTF_8)))
        .build();
  }
}
