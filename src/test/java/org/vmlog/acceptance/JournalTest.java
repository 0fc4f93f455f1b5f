package org.vmlog.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.proto.vmtools.LogRequest;
import org.vmlog.proto.vmtools.LogSeverity;
import org.vmlog.testing.ForwarderProcess;
import org.vmlog.testing.Guest;
import org.vmlog.testing.Journald;
import org.vmlog.testing.LogFiles;
import org.vmlog.testing.TestHost;

/** What goes to the host's journal, as a real journald has it. */
final class JournalTest {
  @TempDir Path folder;
  private Journald journald;
  private TestHost host;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(Journald.isAvailable(), "systemd-journald cannot be run: no root, or not there");
    journald = Journald.start(folder.resolve("host"));
    host =
        new TestHost(folder)
            .with("[logs]\njournald = \"" + journald.socket() + "\"")
            .with("[[vm]]\nowner = \"alice\"\nname = \"web-1\"\ncid = 42");
  }

  @AfterEach
  void end() {
    if (journald != null) {
      journald.close();
    }
  }

  @Test
  void lines_ofAVm_areInItsFileAndInFieldsOfTheJournal() throws Exception {
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request(" sshd[7]: hello"));
      guest.send(Guest.Method.KERNEL, request("oops"));
      guest.send(Guest.Method.USER, request("a\nMESSAGE=b\n_UID=0\n\nVM_NAME=db-1\nPRIORITY=0"));

      List<Map<String, String>> entries = journald.await(3, "VM_NAME=web-1");
      assertThat(entries)
          .extracting(JournalTest::shown)
          .containsExactly(
              "6 1 alice/web-1(42) user sshd[7]: hello",
              "6 0 alice/web-1(42) kernel kernel: oops",
              "6 1 alice/web-1(42) user web-1: a#012MESSAGE=b#012_UID=0#012#012VM_NAME=db-1"
                  + "#012PRIORITY=0");
      assertThat(entries.get(0)).containsEntry("_PID", Long.toString(forwarder.pid()));
      assertThat(LogFiles.lines(host.log("alice", "web-1"))).hasSize(3);
    }
  }

  @Test
  void journal_thatStandsStill_holdsUpNoFileAndCountsWhatItMisses() throws Exception {
    host.with("[syslog]\nqueue = \"64KiB\"");
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      journald.pause();
      for (int batch = 0; batch < 20; batch++) {
        guest.send(Guest.Method.USER, request("x".repeat(30_000)));
      }
      assertThat(LogFiles.lines(host.log("alice", "web-1"))).hasSize(20);
      journald.resume();

      List<Map<String, String>> dropped = journald.await(1, "VM_CHANNEL=forwarder");
      assertThat(dropped.get(0).get("MESSAGE")).matches("\\d+ records dropped \\(pipe full\\)");
      assertThat(dropped.get(0)).containsEntry("SYSLOG_IDENTIFIER", "forwarder");
      assertThat(LogFiles.lines(host.log("alice", "web-1"))).hasSize(20);
    }
  }

  @Test
  void journal_thatIsRestarted_getsWhatCameMeanwhile() throws Exception {
    List<String> sent = new ArrayList<>();
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      for (int i = 0; i < 30; i++) {
        if (i == 10) {
          journald.await(10, "VM_NAME=web-1");
          journald.kill();
        }
        guest.send(Guest.Method.USER, request("tag: record " + i));
        sent.add("record " + i);
        if (i == 20) {
          journald.restart();
        }
      }
      assertThat(journald.await(30, "VM_NAME=web-1"))
          .extracting(one -> one.get("MESSAGE"))
          .isEqualTo(sent);
    }
  }

  @Test
  void lineTooLargeForADatagram_isWholeWhereThereIsMemoryForAFile_andElseCut() throws Exception {
    String large = "x".repeat(600_000);
    try (ForwarderProcess forwarder = host.start();
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request(large));
      assertThat(journald.await(1, "VM_NAME=web-1").get(0)).containsEntry("MESSAGE", large);
    }
    String noMemory = "mount -t tmpfs -o ro none /dev/shm && exec \"$@\"";
    try (ForwarderProcess forwarder =
            host.startUnder("unshare", "--mount", "sh", "-c", noMemory, "sh");
        Guest guest = Guest.on(host.grpcSocket("alice", "web-1"))) {
      guest.send(Guest.Method.USER, request("db: " + large));

      String cut = journald.await(1, "SYSLOG_IDENTIFIER=db").get(0).get("MESSAGE");
      assertThat(cut).startsWith("xxx").endsWith("x [cut]").hasSizeGreaterThan(30_000);
      assertThat(LogFiles.lines(host.log("alice", "web-1")).get(1)).hasSizeGreaterThan(600_000);
    }
  }

  private static String shown(Map<String, String> entry) {
    String pid = entry.containsKey("SYSLOG_PID") ? "[" + entry.get("SYSLOG_PID") + "]" : "";
    return "%s %s %s/%s(%s) %s %s%s: %s"
        .formatted(
            entry.get("PRIORITY"),
            entry.get("SYSLOG_FACILITY"),
            entry.get("VM_OWNER"),
            entry.get("VM_NAME"),
            entry.get("VM_CID"),
            entry.get("VM_CHANNEL"),
            entry.get("SYSLOG_IDENTIFIER"),
            pid,
            entry.get("MESSAGE"));
  }

  private static LogRequest request(String content) {
    return LogRequest.newBuilder()
        .addRecords(Guest.record(LogSeverity.INFO, 7, content.getBytes(UTF_8)))
        .build();
  }
}
