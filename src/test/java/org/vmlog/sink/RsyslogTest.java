package org.vmlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vmlog.testing.Rsyslog;

/** Against a real rsyslogd on a socket of its own. */
@Timeout(120)
class RsyslogTest {
  @TempDir Path temp;
  private Path socket;
  private Rsyslog rsyslog;

  @BeforeEach
  void startRsyslogd() throws Exception {
    socket = temp.resolve("log");
    rsyslog = Rsyslog.start(temp, socket);
  }

  @AfterEach
  void stopRsyslogd() {
    if (rsyslog != null) {
      rsyslog.close();
    }
  }

  @Test
  void write_linesForSyslog_areParsedAs() throws Exception {
    offer(
        new SyslogSink(socket),
        List.of(
            "<13>Nov  5 01:02:03 VM(42): tag[1]: text",
            "<10>Nov  5 01:02:03 VM(0): no tag at all",
            "<14>Nov 15 01:02:03 VM(7): kernel: [    0.000000] Linux",
            "<14>Nov 15 01:02:03 termina: d\u00e9j\u00e0 vu: #033[1m"));

    assertThat(rsyslog.awaitMessages(4))
        .containsExactly(
            "13|thishost|VM(42):| tag[1]: text",
            "10|thishost|VM(0):| no tag at all",
            "14|thishost|VM(7):| kernel: [    0.000000] Linux",
            "14|thishost|termina:| d\u00e9j\u00e0 vu: #033[1m");
  }

  @Test
  void write_linesOfAFile_areParsedAs() throws Exception {
    offer(
        new SyslogSink(rsyslog.remote()),
        List.of(
            "<13>Nov  5 01:02:03 web-1 tag[1]: text",
            "<5>Nov  5 01:02:03 web-1 kernel: [    0.000000] Linux",
            "<29>Nov 15 01:02:03 10.0.7.2 crosvm[77]: text",
            "<13>Nov 15 01:02:03 web_2.example no-colon text"));

    assertThat(rsyslog.awaitMessages(4))
        .containsExactly(
            "13|web-1|tag[1]:| text",
            "5|web-1|kernel:| [    0.000000] Linux",
            "29|10.0.7.2|crosvm[77]:| text",
            "13|web_2.example|no-colon| text");
  }

  @Test
  void write_tenThousandLines_allArriveInOrder() throws Exception {
    List<String> lines =
        Lines.numbered(0, 10_000, 80).stream()
            .map(line -> "<13>Nov  5 01:02:03 VM(42): " + line)
            .toList();
    offer(new SyslogSink(socket), lines);

    assertThat(rsyslog.awaitMessages(10_000))
        .isEqualTo(
            Lines.numbered(0, 10_000, 80).stream()
                .map(line -> "13|thishost|VM(42):| " + line)
                .toList());
  }

  @Test
  void write_acrossARestart_whatIsOfferedAgainArrives() throws Exception {
    SyslogSink sink = new SyslogSink(socket);
    offer(sink, List.of("<13>Nov  5 01:02:03 VM(42): before"));
    rsyslog.awaitMessages(1);
    rsyslog.stop();
    assertThat(sink.write(Lines.buffers("<13>Nov  5 01:02:03 VM(42): after\n")))
        .isInstanceOf(WriteResult.TryLater.class);
    rsyslog.restart();
    offer(sink, List.of("<13>Nov  5 01:02:03 VM(42): after"));

    assertThat(rsyslog.awaitMessages(2))
        .containsExactly("13|thishost|VM(42):| before", "13|thishost|VM(42):| after");
  }

  private static void offer(LineSink sink, List<String> lines) {
    long bytes = Lines.rest(lines, 0)[0].remaining();
    long deadline = deadline();
    for (long written = 0; written < bytes; ) {
      WriteResult result = sink.write(Lines.rest(lines, written));
      written += result.bytes();
      assertThat(System.nanoTime()).as("taken within 30 s").isLessThan(deadline);
      if (result instanceof WriteResult.TryLater later) {
        LockSupport.parkNanos(later.delay().toNanos());
      }
    }
  }

  private static long deadline() {
    return System.nanoTime() + Duration.ofSeconds(30).toNanos();
  }
}
