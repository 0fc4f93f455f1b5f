package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vmlog.sink.WriteResult.Complete;
import org.vmlog.testing.JournalFields;
import org.vmlog.testing.Journald;

class JournalSinkTest extends DatagramSinkContract {
  private static final String HEAD =
      "<14>1 2026-11-21T13:40:05.000000Z web-1 - - - [vm@32473 owner=\"alice\" cid=\"42\""
          + " channel=\"user\" received=\"2026-11-21T13:40:05.000000Z\"] ";

  JournalSinkTest() {
    super("journal", "socket");
  }

  @Override
  LineSink sink() {
    return sink(temp.resolve("journal/socket"));
  }

  private LineSink sink(Path socket) {
    LineSink sink = new JournalSink(socket, "alice", "web-1");
    sinks.add(sink);
    return sink;
  }

  @Override
  String line() {
    List<Map<String, String>> entries = JournalFields.parse(buffer);
    assertThat(entries).hasSize(1);
    return entries.get(0).get("MESSAGE");
  }

  @Test
  void write_linesOfARealJournal_areEntriesWithTheirFields() throws Exception {
    try (Journald journald = journald()) {
      offer(
          sink(journald.socket()),
          List.of(HEAD + "sshd[7]: hello", HEAD + "d\u00e9j\u00e0 vu", HEAD + "#012_UID=0"));

      List<Map<String, String>> entries = journald.await(3, "VM_CID=42");
      assertThat(entries)
          .extracting(one -> one.get("MESSAGE"))
          .containsExactly("hello", "d\u00e9j\u00e0 vu", "#012_UID=0");
      assertThat(entries.get(0))
          .containsEntry("PRIORITY", "6")
          .containsEntry("SYSLOG_FACILITY", "1")
          .containsEntry("SYSLOG_IDENTIFIER", "sshd")
          .containsEntry("SYSLOG_PID", "7")
          .containsEntry("SYSLOG_TIMESTAMP", "2026-11-21T13:40:05.000000Z")
          .containsEntry("VM_OWNER", "alice")
          .containsEntry("VM_NAME", "web-1")
          .containsEntry("VM_CHANNEL", "user")
          .containsEntry("_TRANSPORT", "journal")
          .containsEntry("_PID", Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void write_tenThousandLines_allAreInTheJournalInOrder() throws Exception {
    try (Journald journald = journald()) {
      List<String> lines = Lines.numbered(0, 10_000, 80);
      offer(sink(journald.socket()), lines.stream().map(HEAD::concat).toList());

      assertThat(journald.await(10_000, "VM_NAME=web-1"))
          .extracting(one -> one.get("MESSAGE"))
          .isEqualTo(lines);
    }
  }

  @Test
  void write_linesTooLargeForADatagram_areWholeAllTheSame() throws Exception {
    try (Journald journald = journald()) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        lines.add((i + " \u65e5").repeat(1 + (i % 3) * 100_000));
      }
      long left = inMemory();
      offer(sink(journald.socket()), lines.stream().map(HEAD::concat).toList());

      // What was sent twice comes twice, at once.
      List<String> messages = new ArrayList<>();
      for (Map<String, String> entry : journald.await(30, "VM_NAME=web-1")) {
        String message = entry.get("MESSAGE");
        if (messages.isEmpty() || !messages.get(messages.size() - 1).equals(message)) {
          messages.add(message);
        }
      }
      assertThat(messages).isEqualTo(lines);
      assertThat(inMemory()).isEqualTo(left);
    }
  }

  @Test
  void write_largeLineToAStoppedJournal_isOfferedAgain() throws Exception {
    try (Journald journald = journald()) {
      LineSink sink = sink(journald.socket());
      journald.pause();
      String large = HEAD + "x".repeat(500_000);
      WriteResult result = new Complete(0);
      for (int sent = 0; result instanceof Complete; sent++) {
        assertThat(sent).as("the kernel queues at most net.unix.max_dgram_qlen").isLessThan(10_000);
        result = sink.write(Lines.buffers(large + "\n"));
      }
      assertThat(result).isInstanceOf(WriteResult.TryLater.class);
      assertThat(result.bytes()).isZero();
      journald.resume();
      offer(sink, List.of(large, HEAD + "last"));

      Map<String, String> last = journald.await(1, "SYSLOG_IDENTIFIER=web-1").get(0);
      assertThat(last.get("MESSAGE")).hasSize(500_000);
    }
  }

  @Test
  void write_acrossARestartOfTheJournal_whatIsOfferedAgainArrives() throws Exception {
    try (Journald journald = journald()) {
      LineSink sink = sink(journald.socket());
      offer(sink, List.of(HEAD + "before"));
      journald.await(1, "VM_CID=42");
      journald.kill();
      assertThat(sink.write(Lines.buffers(HEAD + "after\n")))
          .isInstanceOf(WriteResult.TryLater.class);
      journald.restart();
      offer(sink, List.of(HEAD + "after"));

      assertThat(journald.await(2, "VM_CID=42"))
          .extracting(one -> one.get("MESSAGE"))
          .containsExactly("before", "after");
    }
  }

  private Journald journald() throws IOException {
    assumeTrue(Journald.isAvailable(), "systemd-journald cannot be run: no root, or not there");
    return Journald.start(temp.resolve("host"));
  }

  private static long inMemory() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
      return files.filter(file -> file.toString().contains("vmlog-")).count();
    }
  }

  @Test
  void device_twoSinks_hangApart() {
    assertThat(sink().device()).isNotEqualTo(sink().device());
  }
}
